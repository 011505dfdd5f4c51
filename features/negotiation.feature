Feature: Ways to ask
  pstat is the same however it is asked for, and a request that a Device does not take changes nothing.

  @DPM-13
  Scenario: pstat has all its Properties
    Given a Device in RFNOP
    When pstat is read
    Then pstat is unchanged

  @DPM-13 @S30 @S31
  Scenario Outline: pstat is read in many ways
    Given a Device in RFNOP
    When a privileged Client reads pstat, "<manner>"
    Then pstat is unchanged

    Examples:
      | manner                                  |
      | on interface oic.if.baseline            |
      | on interface oic.if.rw                  |
      | on interface oic.if.s                   |
      | in blocks of 16 bytes                   |
      | without confirmation                    |
      | naming OCF content format version 1.0.0 |
      | accepting application/vnd.ocf+cbor      |
      | accepting application/cbor              |
      | accepting application/link-format alone |
      | with an option that must be understood  |

  @needs:validation @SVV-5 @SVV-6 @S30 @S31
  Scenario Outline: A check is requested in many ways
    Given a Device in RFNOP that has an update
    When a privileged Client requests software version validation, "<manner>"
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

    Examples:
      | manner                                  |
      | on interface oic.if.baseline            |
      | without confirmation                    |
      | naming OCF content format version 1.0.0 |

  @needs:validation @S30 @S31
  Scenario Outline: A check requested in a way that a Device may refuse runs to its end or changes nothing
    Given a Device in RFNOP that has an update
    When a privileged Client requests software version validation, "<manner>"
    Then the Device is idle again

    Examples:
      | manner                                 |
      | as application/cbor                    |
      | as plain text                          |
      | without a content format               |
      | on interface oic.if.rw                 |
      | on interface oic.if.s                  |
