Feature: Bits of tm other than V and U
  Bits that this edition does not define start nothing, and the bits for onboarding do not disturb a check or an update (seed.txt
  Table 40). A Device may refuse them or leave them out.

  @DPM-10 @DPM-11 @S17
  Scenario Outline: An undefined bit starts nothing
    Given a Device in RFNOP that has an update
    When a privileged Client writes tm as <bit>
    Then pstat ends with
      | tm              | cm    | dos   |
      | <bit>? | V?+U? | RFNOP |
    And pstat never shows
      | tm           | cm | dos |
      | V+U?+<bit>? | *  | *   |
      | U+<bit>?    | *  | *   |

    Examples:
      | bit    |
      | 0x100  |
      | 0x200  |
      | 0x4000 |
      | 0x8000 |

  @needs:validation @DPM-10 @S17
  Scenario: V together with an undefined bit comes to rest
    Given a Device in RFNOP that has an update
    When a privileged Client writes tm as V+0x4000
    Then neither V nor U is left in tm

  @DPM-14 @S17
  Scenario Outline: A bit for onboarding starts neither a check nor an update
    Given a Device in RFNOP that has an update
    When a privileged Client writes tm as <bit>
    Then pstat ends with
      | tm     | cm            | dos   |
      | <bit>? | V?+U?+<bit>? | RFNOP |

    Examples:
      | bit  |
      | 0x1  |
      | 0x2  |
      | 0x4  |
      | 0x8  |
      | 0x10 |
      | 0x20 |
      | 0x3c |

  @needs:validation @S17
  Scenario: A bit for onboarding does not disturb a pending check
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client writes tm as 0x20
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm    | cm          | dos   |
      | 0x20? | V+U?+0x20? | RFNOP |

  @needs:update @S17
  Scenario: A bit for onboarding does not disturb a pending update
    Given a Device in RFNOP that has an update
    And a check has been made
    And an update is pending
    When a privileged Client writes tm as 0x10
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm    | cm          | dos |
      | 0x10? | U+V?+0x10? | *   |

  @needs:validation @DPM-14 @USE-2 @S17
  Scenario: V together with a bit for onboarding comes to rest
    Given a Device in RFNOP that has an update
    When a privileged Client writes tm as V+0x20
    Then neither V nor U is left in tm

  @needs:validation @SVV-9 @S17
  Scenario: An undefined bit does not disturb a pending check
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client writes tm as 0x4000
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm      | cm            | dos   |
      | 0x4000? | V+U?+0x4000? | RFNOP |

  @needs:update @SSU-9 @S17
  Scenario: An undefined bit does not disturb a pending update
    Given a Device in RFNOP that has an update
    And a check has been made
    And an update is pending
    When a privileged Client writes tm as 0x4000
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm      | cm            | dos |
      | 0x4000? | U+V?+0x4000? | *   |
