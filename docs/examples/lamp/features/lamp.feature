Feature: The Acme app and its lamp

  @SVV-6 @SVV-8 @needs:validation
  Scenario: The app looks for an update and watches how it goes
    Given a Device in RFNOP that has an update
    When the app looks for an update and asks 3 times how it goes
    Then the app can offer the update
    And pstat changes in this order
      | tm | cm |
      | V  | *  |
      | -  | V  |
