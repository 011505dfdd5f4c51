@needs:validation @needs:update
Feature: Requests that overlap
  A write carries the whole of tm, so asking for one process writes a 0 for the other, which has no effect (seed.txt 40 to 41 and
  54 to 55). A request for what is pending, for the other process, or for both may be refused; what is accepted must end, and
  with its true result.

  @SVV-9 @SSU-12 @S10
  Scenario: An update is requested while a check is pending
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client requests a secure software update
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @SSU-12 @S10
  Scenario: An update is requested while a check is pending that finds nothing
    Given a Device in RFNOP that has no update
    And a check is pending
    When a privileged Client requests a secure software update
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm | dos |
      | -  | U? | *   |

  @SSU-9 @SSU-12 @S11
  Scenario: A check is requested while an update is pending
    Given a Device in RFNOP that has an update
    And a check has been made
    And an update is pending
    When a privileged Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @S11
  Scenario: A check is requested while a failing update is pending
    Given a Device in RFNOP whose update fails
    And a check has been made
    And an update is pending
    When a privileged Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm | dos |
      | -  | V? | *   |

  @SVV-11 @USE-2 @S12
  Scenario: Both processes are requested in one write, with an update to be had
    Given a Device in RFNOP that has an update
    When a privileged Client requests validation and update in one write
    Then the Device is idle again

  @SVV-10 @S10 @S12
  Scenario: Both processes are requested in one write while a check is pending
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client requests validation and update in one write
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @USE-2 @S12
  Scenario: Both processes are requested in one write, with no update to be had
    Given a Device in RFNOP that has no update
    When a privileged Client requests validation and update in one write
    Then the Device is idle again

  @S12
  Scenario: Both processes are requested in one write, and the update fails
    Given a Device in RFNOP whose update fails
    When a privileged Client requests validation and update in one write
    Then the Device is idle again

  @S12
  Scenario: Both processes are requested in one write while the trusted source withholds its answers
    Given a Device in RFNOP that has an update
    And the trusted source withholds its answers
    When a privileged Client requests validation and update in one write
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @USE-3 @S13
  Scenario: A check is requested again while it is pending
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @USE-3 @S13
  Scenario: A check that finds nothing is requested again while it is pending
    Given a Device in RFNOP that has no update
    And a check is pending
    When a privileged Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm | dos   |
      | -  | U? | RFNOP |

  @USE-3 @S13
  Scenario: An update is requested again while it is pending
    Given a Device in RFNOP that has an update
    And a check has been made
    And an update is pending
    When a privileged Client requests a secure software update
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |

  # What is left in cm of the update before must not be taken for the result of this one.
  @USE-3 @S13
  Scenario: A second update is requested again while it is pending
    Given a Device in RFNOP that has an update
    And a check has been made and an update installed
    And the trusted source has an update again
    And a check has been made
    And an update is pending
    When a privileged Client requests a secure software update
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |

  @SSU-5 @SSU-8 @USE-2 @S24
  Scenario: An update is requested without a check before
    Given a Device in RFNOP that has an update
    When a privileged Client requests a secure software update
    Then the Device is idle again

  @USE-2 @S24
  Scenario: An update is requested without a check before, and there is none
    Given a Device in RFNOP that has no update
    When a privileged Client requests a secure software update
    Then the Device is idle again

  # Whose write it is makes no difference.
  @SVV-9 @S8
  Scenario: A second Client clears every bit of tm while the check of the first is pending
    Given a Device in RFNOP that has an update
    And a second privileged Client observes pstat
    And a check is pending
    When the second Client clears every bit of tm
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @SSU-9 @S9
  Scenario: A second Client clears every bit of tm while the update of the first is pending
    Given a Device in RFNOP that has an update
    And a check has been made
    And a second privileged Client observes pstat
    And an update is pending
    When the second Client clears every bit of tm
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @USE-3 @S13
  Scenario: A second Client requests the check that the first has requested
    Given a Device in RFNOP that has an update
    And a second privileged Client observes pstat
    And a check is pending
    When the second Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @SSU-12 @S10
  Scenario: A second Client requests an update while the check of the first is pending
    Given a Device in RFNOP that has an update
    And a second privileged Client observes pstat
    And a check is pending
    When the second Client requests a secure software update
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @SSU-9 @SSU-12 @S11
  Scenario: A second Client requests a check while the update of the first is pending
    Given a Device in RFNOP that has an update
    And a check has been made
    And a second privileged Client observes pstat
    And an update is pending
    When the second Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again
