Feature: Writes that pstat does not take
  tm and cm are a 16-bit mask (seed.txt Table 39); cm, isop, sm and dos.p are the Device's own. A write that is refused changes
  nothing at all.

  @DPM-1 @S16
  Scenario Outline: A value that is no 16-bit mask starts nothing
    Given a Device in RFNOP that has an update
    When a privileged Client writes "<write>" to pstat
    Then pstat is unchanged

    Examples:
      | write                     |
      | tm as -1                  |
      | tm as 65536               |
      | tm as 65536 and V         |
      | tm as 2^63                |
      | tm as 2^63 and U          |
      | tm as the float 64.0      |
      | tm as the half float 64.0 |
      | tm as the text 64         |
      | tm as a byte string       |
      | tm as a bignum            |
      | tm as true                |
      | tm as null                |
      | tm as an array of 64      |
      | tm as a map               |

  @DPM-1 @DPM-12 @S16
  Scenario Outline: A payload that is no update of pstat starts nothing
    Given a Device in RFNOP that has an update
    When a privileged Client writes "<write>" to pstat
    Then pstat is unchanged

    Examples:
      | write                                |
      | an empty map                         |
      | an array                             |
      | the number 64                        |
      | half a map                           |
      | a map without its end                |
      | nothing at all                       |
      | a property whose name begins with tm |

  @DPM-1 @S16
  Scenario: A write with tm twice comes to rest
    Given a Device in RFNOP that has an update
    When a privileged Client writes "tm twice" to pstat
    Then the Device is idle again

  @DPM-12 @S15
  Scenario Outline: What belongs to the Device can't be written
    Given a Device in RFNOP that has an update
    When a privileged Client writes "<write>" to pstat
    Then pstat is unchanged

    Examples:
      | write         |
      | cm as V       |
      | cm as U       |
      | isop as false |
      | sm as 1       |
      | dos.p as true |

  @needs:validation @DPM-12 @S15
  Scenario: The result of a check can't be written
    Given a Device in RFNOP that has an update
    And a check has been made
    When a privileged Client writes "cm as 0" to pstat
    Then pstat is unchanged

  @needs:validation @SVV-10 @S15
  Scenario: The result of a pending check can't be written
    Given a Device in RFNOP that has no update
    And a check is pending
    When a privileged Client writes "cm as V" to pstat
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm | dos   |
      | -  | U? | RFNOP |

  @needs:validation @SVV-10 @S15
  Scenario: A pending check is not disturbed by a write of what belongs to the Device
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client writes "isop as false" to pstat
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @needs:validation @SVV-10 @S16
  Scenario: A pending check is not disturbed by a value that is no mask
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client writes "tm as the text 64" to pstat
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @needs:validation @SVV-9 @S16
  Scenario: A pending check is not disturbed by a write without tm
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client writes "om as client-directed" to pstat
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @DPM-12 @S15 @S32
  Scenario Outline: A write that touches what belongs to the Device is refused as a whole
    Given a Device in RFNOP that has an update
    When a privileged Client writes "<write>" to pstat
    Then the Device is idle again

    Examples:
      | write                         |
      | tm as V with cm as V          |
      | cm as V with tm as V          |
      | tm as V with isop as false    |
      | tm as U with sm as 1          |
      | dos as RFPRO with tm as 65536 |

  @needs:validation @SVV-5 @DPM-12 @DOS-4 @S32
  Scenario Outline: A write of tm together with something else comes to rest
    Given a Device in RFNOP that has an update
    When a privileged Client writes "<write>" to pstat
    Then the Device is idle again

    Examples:
      | write                                            |
      | tm as V with dos as RFNOP                        |
      | tm as V with dos as RFPRO                        |
      | tm as V with dos as 9                            |
      | tm as V with om as client-directed               |
      | tm as V with a property that pstat does not have |
