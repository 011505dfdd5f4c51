Feature: Device states as OCF 2.2 has them
  Where a Client moves dos, no bit of a process is left in tm and cm (docs/adr/0101).

  @needs:validation @DOS-5
  Scenario: A move of dos takes the result of a check
    Given a Device in RFNOP that has an update
    And a check has been made
    When a privileged Client writes dos as RFPRO
    And pstat is read
    And a privileged Client writes dos as RFNOP
    Then pstat ends with
      | tm | cm | dos   |
      | -  | -  | RFNOP |

  @needs:validation @DOS-5
  Scenario: A move of dos ends a pending check
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client writes dos as RFPRO
    And pstat is read
    And a privileged Client writes dos as RFNOP
    Then pstat ends with
      | tm | cm | dos   |
      | -  | -  | RFNOP |
