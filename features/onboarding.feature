Feature: Onboarding states
  An owner takes a Device through RFPRO, RFNOP and SRESET, and back to the factory's state with RESET. In each state the result
  of a check or an update is the Device's to write, and nobody else's (seed.txt 28 to 55).

  @DOS-4 @S26
  Scenario Outline: isop and dos agree wherever the owner moves the Device
    Given a Device in RFNOP
    When a privileged Client writes dos as <dos>
    Then the Device is idle again

    Examples:
      | dos    |
      | RFPRO  |
      | SRESET |
      | RFNOP  |

  @S26
  Scenario Outline: The owner moves the Device on
    Given a Device in RFNOP
    And the Device has been moved to <from>
    When a privileged Client writes dos as <dos>
    Then the Device is idle again

    Examples:
      | move            | from   | dos    |
      | RFPRO to RFNOP  | RFPRO  | RFNOP  |
      | RFPRO to SRESET | RFPRO  | SRESET |
      | SRESET to RFPRO | SRESET | RFPRO  |

  # No state leads to RFOTM but RESET, and none from SRESET to RFNOP.
  @DPM-12 @S26
  Scenario: A Device in RFNOP does not go to RFOTM
    Given a Device in RFNOP
    When a privileged Client writes dos as RFOTM
    Then pstat is unchanged

  @S26
  Scenario Outline: A move that the states do not allow changes nothing
    Given a Device in RFNOP
    And the Device has been moved to <from>
    When a privileged Client writes dos as <dos>
    Then pstat is unchanged

    Examples:
      | move            | from   | dos   |
      | RFPRO to RFOTM  | RFPRO  | RFOTM |
      | SRESET to RFOTM | SRESET | RFOTM |
      | SRESET to RFNOP | SRESET | RFNOP |

  @S15 @S26
  Scenario Outline: What is the Device's to write can't be written in RFPRO
    Given a Device in RFNOP
    And the Device has been moved to RFPRO
    When a privileged Client writes "<write>" to pstat
    Then pstat is unchanged

    Examples:
      | write         |
      | cm as V       |
      | cm as U       |
      | isop as true  |
      | sm as 1       |
      | dos.p as true |

  @S15 @S26
  Scenario Outline: What is the Device's to write can't be written in SRESET
    Given a Device in RFNOP
    And the Device has been moved to SRESET
    When a privileged Client writes "<write>" to pstat
    Then pstat is unchanged

    Examples:
      | write         |
      | cm as V       |
      | cm as U       |
      | isop as true  |
      | sm as 1       |
      | dos.p as true |

  @S26
  Scenario Outline: The operational mode is a Client's to write, and moves nothing else
    Given a Device in RFNOP
    And the Device has been moved to <dos>
    When a privileged Client writes "om as client-directed" to pstat
    Then pstat is unchanged

    Examples:
      | dos    |
      | RFNOP  |
      | RFPRO  |
      | SRESET |

  # Later editions clear V and U of tm and cm whenever a state is entered, earlier ones only in RESET.
  @needs:validation @S26
  Scenario: The owner moves the Device away and back while a check is pending
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client writes dos as RFPRO
    And a privileged Client writes dos as RFNOP
    And the trusted source answers
    Then the Device is idle again

  @needs:update @S26
  Scenario: The owner moves the Device away and back while an update is pending
    Given a Device in RFNOP that has an update
    And a check has been made
    And an update is pending
    When a privileged Client writes dos as RFPRO
    And a privileged Client writes dos as RFNOP
    And the trusted source answers
    Then the Device is idle again

  @needs:secured @needs:own @S26
  Scenario: A Device that its owner resets is ready to be owned again
    Given a Device in RFNOP
    When the Device is reset by its owner
    Then what anyone sees of pstat ends with
      | tm | cm | dos   |
      | *  | *  | RFOTM |

  @needs:secured @needs:own @needs:validation @S26
  Scenario: Nothing is left of a check when the Device is reset
    Given a Device in RFNOP that has an update
    And a check is pending
    When the Device is reset by its owner
    And the trusted source answers
    Then what anyone sees of pstat ends with
      | tm      | cm | dos   |
      | 0xff3f? | *  | RFOTM |

  # Nobody is privileged in RESET, not even who has just reset the Device.
  @needs:secured @needs:own @needs:validation @needs:update @SVV-3 @SSU-3 @S14 @S26
  Scenario Outline: Nothing begins in a Device that is being reset
    Given a Device in RFNOP that has an update
    When the Device is reset by its owner, who then writes tm as <tm>
    Then what anyone sees of pstat ends with
      | tm      | cm | dos   |
      | 0xff3f? | *  | RFOTM |

    Examples:
      | tm |
      | V  |
      | U  |
