@needs:secured
Feature: Who may ask
  Only a sufficiently privileged Client starts a check or an update (seed.txt 33 to 34 and 46 to 48). What a Device answers to any
  other, or whether it opens a session at all, is its own affair: the state of pstat and the trusted source tell what happened.

  @needs:validation @SVV-3 @S14
  Scenario Outline: A Client without the privilege starts no check
    Given a Device in RFNOP that has an update
    When an unprivileged Client (<kind>) writes tm as V
    Then pstat is unchanged

    Examples:
      | kind               |
      | anonymous          |
      | without ACE        |
      | read-only          |
      | notify-only        |
      | wrong role         |
      | expired            |
      | deleted credential |
      | wrong key          |
      | other resource     |

    # In earlier editions such a rule may be for security resources too.
    @needs:later-edition
    Examples:
      | kind       |
      | wildcard   |
      | auth-crypt |

  @needs:validation @SVV-3 @S14 @S30
  Scenario Outline: A Client without the privilege starts no check in whichever way it asks
    Given a Device in RFNOP that has an update
    When an unprivileged Client (without ACE) writes tm as V, "<manner>"
    Then pstat is unchanged

    Examples:
      | manner                       |
      | by PUT                       |
      | without confirmation         |
      | in blocks of 16 bytes        |
      | on interface oic.if.baseline |

  @needs:update @SSU-3 @S14
  Scenario Outline: A Client without the privilege starts no update
    Given a Device in RFNOP that has an update
    When an unprivileged Client (<kind>) writes tm as U
    Then pstat is unchanged

    Examples:
      | kind               |
      | anonymous          |
      | without ACE        |
      | read-only          |
      | notify-only        |
      | wrong role         |
      | expired            |
      | deleted credential |
      | wrong key          |
      | other resource     |

    @needs:later-edition
    Examples:
      | kind       |
      | wildcard   |
      | auth-crypt |

  @needs:validation @needs:update @SVV-3 @SSU-3 @S14
  Scenario Outline: A Client without the privilege starts neither with one write
    Given a Device in RFNOP that has an update
    When an unprivileged Client (<kind>) writes tm as V+U
    Then pstat is unchanged

    Examples:
      | kind               |
      | anonymous          |
      | without ACE        |
      | read-only          |
      | notify-only        |
      | wrong role         |
      | expired            |
      | deleted credential |
      | wrong key          |

    @needs:later-edition
    Examples:
      | kind       |
      | wildcard   |
      | auth-crypt |

  # Whoever has no access has none in the other states either, in which an owner sets up the rest.
  @needs:validation @S14 @S26
  Scenario Outline: A Client without the privilege starts no check outside RFNOP
    Given a Device in RFNOP that has an update
    And the Device has been moved to <dos>
    When an unprivileged Client (<kind>) writes tm as V
    Then pstat is unchanged

    Examples:
      | case                  | kind        | dos    |
      | anonymous in RFPRO    | anonymous   | RFPRO  |
      | without ACE in RFPRO  | without ACE | RFPRO  |
      | read-only in RFPRO    | read-only   | RFPRO  |
      | anonymous in SRESET   | anonymous   | SRESET |
      | without ACE in SRESET | without ACE | SRESET |
      | read-only in SRESET   | read-only   | SRESET |

  @needs:update @S14 @S26
  Scenario Outline: A Client without the privilege starts no update outside RFNOP
    Given a Device in RFNOP that has an update
    And the Device has been moved to <dos>
    When an unprivileged Client (<kind>) writes tm as U
    Then pstat is unchanged

    Examples:
      | case                  | kind        | dos    |
      | anonymous in RFPRO    | anonymous   | RFPRO  |
      | without ACE in RFPRO  | without ACE | RFPRO  |
      | without ACE in SRESET | without ACE | SRESET |

  @DPM-12 @S14 @S26
  Scenario Outline: A Client without the privilege does not move the Device
    Given a Device in RFNOP
    When an unprivileged Client (<kind>) writes dos as <dos>
    Then pstat is unchanged

    Examples:
      | case                  | kind        | dos    |
      | anonymous to RFPRO    | anonymous   | RFPRO  |
      | without ACE to RFPRO  | without ACE | RFPRO  |
      | read-only to RFPRO    | read-only   | RFPRO  |
      | anonymous to SRESET   | anonymous   | SRESET |
      | without ACE to SRESET | without ACE | SRESET |

  @needs:validation @needs:update @S14
  Scenario Outline: A Client without the privilege disturbs no check and starts no update during one
    Given a Device in RFNOP that has an update
    And an unprivileged Client (<kind>) is there
    And a check is pending
    When an unprivileged Client (<kind>) writes tm as V+U
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

    # One with a wrong key is left out: a Device takes seconds to be sure of that, and may give up its source meanwhile.
    Examples:
      | kind               |
      | anonymous          |
      | without ACE        |
      | read-only          |
      | notify-only        |
      | wrong role         |
      | expired            |
      | deleted credential |

    @needs:later-edition
    Examples:
      | kind       |
      | wildcard   |
      | auth-crypt |

  @needs:validation @SVV-9 @S8 @S14
  Scenario Outline: A Client without the privilege clears no pending check
    Given a Device in RFNOP that has an update
    And an unprivileged Client (<kind>) is there
    And a check is pending
    When an unprivileged Client (<kind>) writes tm as -
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

    Examples:
      | kind        |
      | anonymous   |
      | without ACE |

  @needs:validation @SVV-1 @SVV-6 @S1
  Scenario Outline: Any privileged Client has the Device check for an update
    Given a Device in RFNOP that has an update
    When the <other> Client requests software version validation
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

    Examples:
      | other       |
      | second      |
      | update-only |

  @needs:update @SSU-1 @SSU-6 @S4
  Scenario Outline: Any privileged Client has the Device updated
    Given a Device in RFNOP that has an update
    And a check has been made
    When the <other> Client requests a secure software update
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |

    Examples:
      | other       |
      | second      |
      | update-only |
