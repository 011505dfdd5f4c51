@needs:validation
Feature: Validation as OCF 2.2 has it
  There V asks for the package: cm.V says that a valid one is here (docs/adr/0100).

  @SVV-15
  Scenario: A validation that announces a valid package has downloaded it
    Given a Device in RFNOP that has an update
    When a privileged Client requests software version validation
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @needs:update @SSU-5 @SSU-6
  Scenario: An update may follow an availability check and a validation
    Given a Device in RFNOP that has an update
    And an availability check has been made
    And a check has been made
    When a privileged Client requests a secure software update
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |
