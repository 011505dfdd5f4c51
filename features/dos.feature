Feature: Device states
  An update may take the Device through other states (seed.txt 61 to 64). isop is true in RFNOP alone, and dos.p tells of a move
  that is not finished.

  @DOS-4 @DPM-13
  Scenario: isop and dos agree in a Device at rest
    Given a Device in RFNOP
    When pstat is read
    Then pstat is unchanged

  @needs:update @needs:excursion @DOS-1 @DOS-3 @DOS-4 @S20
  Scenario: An update that changes dos comes back
    Given a Device in RFNOP that has an update
    And a check has been made
    When a privileged Client requests a secure software update
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |
    And pstat never shows
      | tm | cm | dos   |
      | *  | *  | RESET |
      | *  | *  | RFOTM |

  @needs:update @needs:excursion @S20
  Scenario: An update that fails comes back too
    Given a Device in RFNOP whose update fails
    And a check has been made
    When a privileged Client requests a secure software update
    Then the Device is idle again

  @needs:update @DOS-1 @DOS-3 @DOS-4 @S20
  Scenario: dos is watched by a second Client during an update
    Given a Device in RFNOP that has an update
    And a check has been made
    And a second privileged Client observes pstat
    When a privileged Client requests a secure software update
    Then the Device is idle again

  @needs:validation @S26
  Scenario Outline: A check requested outside RFNOP runs to its end or is refused
    Given a Device in RFNOP that has an update
    And the Device has been moved to <dos>
    When a privileged Client requests software version validation
    Then the Device is idle again

    Examples:
      | dos    |
      | RFPRO  |
      | SRESET |

  @needs:update @S26
  Scenario Outline: An update requested outside RFNOP runs to its end or is refused
    Given a Device in RFNOP that has an update
    And the Device has been moved to <dos>
    When a privileged Client requests a secure software update
    Then the Device is idle again

    Examples:
      | dos    |
      | RFPRO  |
      | SRESET |

  @needs:validation @S26
  Scenario: A check that is pending while a Client moves dos away and back comes to its end
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client writes "dos as RFPRO" to pstat
    And a privileged Client writes "dos as RFNOP" to pstat
    And the trusted source answers
    Then the Device is idle again
