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

    # In earlier editions such a rule may be for security resources too.
    @needs:later-edition
    Examples:
      | kind       |
      | wildcard   |
      | auth-crypt |

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
