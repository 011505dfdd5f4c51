@needs:validation
Feature: Software availability check
  In OCF 2.2 the bit 0x100 of tm, N, asks whether there is new software, and downloads none. It is pending and ends as a check does
  (docs/adr/0099).

  @NSA-1 @NSA-5 @NSA-6 @NSA-8 @NSA-11 @NSA-12
  Scenario: An availability check that finds new software says so and ends
    Given a Device in RFNOP that has an update
    When a privileged Client requests a software availability check
    Then pstat changes exactly in this order
      | tm | cm      | dos   |
      | N  | V?+U?   | RFNOP |
      | N  | N+V?+U? | RFNOP |
      | -  | N+V?+U? | RFNOP |

  @NSA-1 @NSA-2 @NSA-7
  Scenario: An availability check that finds no new software says so and ends
    Given a Device in RFNOP that has no update
    When a privileged Client requests a software availability check
    Then pstat ends with
      | tm | cm    | dos   |
      | -  | V?+U? | RFNOP |

  @NSA-4 @NSA-10 @OBS-2
  Scenario: An availability check begins by clearing the result of the one before
    Given a Device in RFNOP that has an update
    And an availability check has been made
    And the trusted source withholds its answers
    When a privileged Client requests a software availability check
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm      | dos   |
      | -  | N+V?+U? | RFNOP |

  @NSA-9
  Scenario: Clearing every bit of tm does not stop an availability check
    Given a Device in RFNOP that has an update
    And an availability check is pending
    When a privileged Client clears every bit of tm
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm      | dos   |
      | -  | N+V?+U? | RFNOP |

  @NSA-9
  Scenario: Clearing every bit of tm starts no availability check
    Given a Device in RFNOP that has an update
    And an availability check has been made
    When a privileged Client clears every bit of tm
    Then pstat is unchanged

  @needs:secured @NSA-3
  Scenario Outline: A Client without the privilege starts no availability check
    Given a Device in RFNOP that has an update
    When an unprivileged Client (<kind>) writes tm as N
    Then pstat is unchanged

    Examples:
      | kind        |
      | anonymous   |
      | without ACE |
      | read-only   |
      | wildcard    |
      | auth-crypt  |
