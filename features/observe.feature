Feature: Observing pstat
  A Client is told that a process is pending and that it has ended by observing pstat (seed.txt 69 to 71).

  @OBS-1 @S22
  Scenario: pstat can be observed
    Given a Device in RFNOP
    When a privileged Client observes pstat again
    Then pstat is unchanged

  @needs:validation @OBS-3 @OBS-4 @S22
  Scenario: Two Clients are told of the same check
    Given a Device in RFNOP that has an update
    And a second privileged Client observes pstat
    When a privileged Client requests software version validation
    Then what the second Client is told ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |
    And pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @needs:validation @OBS-2 @S22
  Scenario: Every observer is told of a check
    Given a Device in RFNOP that has an update
    And a second privileged Client observes pstat
    And the trusted source withholds its answers
    When a privileged Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then what the second Client is told ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |
    And pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @needs:update @needs:no-restart @OBS-2 @S22
  Scenario: Every observer is told of an update
    Given a Device in RFNOP that has an update
    And a check has been made
    And a second privileged Client observes pstat
    And the trusted source withholds its answers
    When a privileged Client requests a secure software update
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then what the second Client is told ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |
    And pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |

  @needs:validation @S23
  Scenario: A Client that lost its observation observes again
    Given a Device in RFNOP that has an update
    And a second privileged Client observes pstat
    And a check is pending
    When the second Client loses its observation
    And the second Client observes pstat again
    And the trusted source answers
    Then what the second Client is told ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @needs:validation @S22
  Scenario: A Client that begins to observe during a check is told of its end
    Given a Device in RFNOP that has no update
    And a check is pending
    When the second Client observes pstat
    And the trusted source answers
    Then the second Client is told of this
      | tm | cm | dos   |
      | V  | U? | RFNOP |
      | -  | U? | RFNOP |

  @needs:validation @S23
  Scenario: The Client that asked for a check loses its observation and observes again
    Given a Device in RFNOP that has an update
    And a check is pending
    When the privileged Client loses its observation
    And a privileged Client observes pstat again
    And the trusted source answers
    Then pstat changes in this order
      | tm | cm   | dos   |
      | V  | U?   | RFNOP |
      | -  | V+U? | RFNOP |

  @needs:validation @OBS-3 @S23
  Scenario: One Client stops observing and the other is told all the same
    Given a Device in RFNOP that has an update
    And a second privileged Client observes pstat
    When the second Client stops observing
    And a privileged Client requests software version validation
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @needs:validation @SVV-10 @S23
  Scenario: A check ends with its result although nobody observes
    Given a Device in RFNOP that has an update
    And the privileged Client does not observe
    And the trusted source withholds its answers
    When a privileged Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @needs:secured @needs:validation @OBS-5 @S14 @S22
  Scenario Outline: A Client without the privilege is told nothing of a check
    Given a Device in RFNOP that has an update
    And a second privileged Client observes pstat
    When an unprivileged Client (<kind>) observes pstat
    And a privileged Client requests software version validation
    Then what the second Client is told ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |
    And pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

    Examples:
      | kind               |
      | anonymous          |
      | without ACE        |
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

  # Whether R or N or both are needed to observe is not said: either may be told.
  @needs:secured @needs:validation @S14 @S22
  Scenario Outline: A Client that may only read, or only be notified, does not keep the others from being told
    Given a Device in RFNOP that has an update
    And a second privileged Client observes pstat
    When an unprivileged Client (<kind>) observes pstat
    And a privileged Client requests software version validation
    Then what the second Client is told ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

    Examples:
      | kind        |
      | read-only   |
      | notify-only |
