Feature: The trusted source
  A check consults a trusted source and an update takes its software from there (seed.txt 30 to 33 and 49). What the source was
  asked is counted there, so these scenarios want a source that reports.

  @needs:validation @SVV-2 @S1
  Scenario: A check that finds an update has asked the trusted source
    Given a Device in RFNOP that has an update
    When a privileged Client requests software version validation
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @needs:validation @SVV-2 @S2
  Scenario: A check that finds nothing has asked the trusted source
    Given a Device in RFNOP that has no update
    When a privileged Client requests software version validation
    Then pstat ends with
      | tm | cm | dos   |
      | -  | U? | RFNOP |

  @needs:update @SSU-2 @S4
  Scenario: A successful update was fetched from the trusted source
    Given a Device in RFNOP that has an update
    And a check has been made
    When a privileged Client requests a secure software update
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |

  @needs:validation @SVV-2 @SVV-10 @DPM-8 @S28
  Scenario: A check with a slow source ends with its true result
    Given a Device in RFNOP that has an update
    And the trusted source withholds its answers
    When a privileged Client requests software version validation
    And the trusted source answers late
    Then the Device is idle again

  @needs:update @SSU-2 @SSU-10 @DPM-9 @S28
  Scenario: An update with a slow source ends with its true result
    Given a Device in RFNOP that has an update
    And a check has been made
    And the trusted source withholds its answers
    When a privileged Client requests a secure software update
    And the trusted source answers late
    Then the Device is idle again

  # The seed gives no time within which a Device must give up its source. Either it does, or it
  # is told in the end that there is nothing to be had.
  @needs:validation @SVV-10 @S29
  Scenario: A check whose source never answers finds nothing in the end
    Given a Device in RFNOP that has no update
    And the trusted source withholds its answers
    When a privileged Client requests software version validation
    And the trusted source never answers
    Then the Device is idle again

  @needs:update @S29
  Scenario: An update whose source never answers performs nothing in the end
    Given a Device in RFNOP whose update fails
    And a check has been made
    And the trusted source withholds its answers
    When a privileged Client requests a secure software update
    And the trusted source never answers
    Then the Device is idle again

  @needs:validation @SVV-4 @S29
  Scenario: A check whose source never answers does not repeat what an earlier one found
    Given a Device in RFNOP that has an update
    And a check has been made
    And the trusted source withholds its answers
    When a privileged Client requests software version validation
    And the trusted source never answers
    Then the Device is idle again

  @needs:update @S29
  Scenario: An update whose source never answers ends though there is one
    Given a Device in RFNOP that has an update
    And a check has been made
    And the trusted source withholds its answers
    When a privileged Client requests a secure software update
    And the trusted source never answers
    Then the Device is idle again
