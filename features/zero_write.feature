Feature: A bit of tm that a Client clears
  A Client that clears V or U has no effect on the process (seed.txt 40 to 41 and 54 to 55), be it pending or not. A Device may
  refuse the write; it may not do anything else with it.

  @SVV-9 @SSU-9 @S7
  Scenario: Clearing every bit starts nothing in an idle Device
    Given a Device in RFNOP that has an update
    When a privileged Client clears every bit of tm
    Then pstat is unchanged

  @needs:validation @SVV-9 @S7
  Scenario: Clearing every bit keeps the result of a check
    Given a Device in RFNOP that has an update
    And a check has been made
    When a privileged Client clears every bit of tm
    Then pstat is unchanged

  @needs:update @SSU-9 @S7
  Scenario: Clearing every bit keeps the result of an update
    Given a Device in RFNOP that has an update
    And a check has been made and an update installed
    When a privileged Client clears every bit of tm
    Then pstat is unchanged

  @needs:validation @SVV-9 @SVV-13 @S8
  Scenario: A pending check that finds an update goes on when its bit is cleared
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client clears every bit of tm
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @needs:validation @SVV-9 @SVV-13 @S8
  Scenario: A pending check that finds nothing goes on when its bit is cleared
    Given a Device in RFNOP that has no update
    And a check is pending
    When a privileged Client clears every bit of tm
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm | dos   |
      | -  | U? | RFNOP |

  @needs:update @SSU-9 @SSU-15 @S9
  Scenario: A pending update that succeeds goes on when its bit is cleared
    Given a Device in RFNOP that has an update
    And a check has been made
    And an update is pending
    When a privileged Client clears every bit of tm
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |

  # What is left in cm of the update before must not be taken for the result of this one.
  @needs:update @SSU-9 @S9
  Scenario: A second update goes on when its bit is cleared
    Given a Device in RFNOP that has an update
    And a check has been made and an update installed
    And the trusted source has an update again
    And a check has been made
    And an update is pending
    When a privileged Client clears every bit of tm
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |

  @needs:update @SSU-15 @S9
  Scenario: A pending update that fails goes on when its bit is cleared
    Given a Device in RFNOP whose update fails
    And a check has been made
    And an update is pending
    When a privileged Client clears every bit of tm
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm | dos |
      | -  | V? | *   |
