Feature: Restarts
  An update may restart the Device, and a Device may lose its power at any time. When it answers again, cm and tm tell the truth:
  a process that was pending is pending again, or has ended.

  @needs:update @needs:restart @SSU-8 @SSU-13 @S21
  Scenario: An update that restarts the Device ends with its true result
    Given a Device in RFNOP that has an update
    And a check has been made
    When a privileged Client requests a secure software update
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |

  @needs:update @needs:restart @S21
  Scenario: A failing update that restarts the Device ends with its true result
    Given a Device in RFNOP whose update fails
    And a check has been made
    When a privileged Client requests a secure software update
    Then pstat ends with
      | tm | cm | dos |
      | -  | V? | *   |

  @needs:update @SSU-13 @S21
  Scenario: The Device is restarted while an update is pending
    Given a Device in RFNOP that has an update
    And a check has been made
    And an update is pending
    When the Device is restarted
    And the trusted source answers
    Then the Device is idle again

  @needs:validation @S21
  Scenario: The Device is restarted while a check is pending
    Given a Device in RFNOP that has an update
    And a check is pending
    When the Device is restarted
    And the trusted source answers
    Then the Device is idle again

  @S21
  Scenario: The Device is restarted at rest
    Given a Device in RFNOP
    When the Device is restarted
    Then the Device is idle again

  @needs:validation @S21
  Scenario: A check after a restart says what it finds
    Given a Device in RFNOP that has an update
    And the Device has been restarted
    When a privileged Client requests software version validation
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @needs:validation @SVV-4 @S21
  Scenario: The Device is restarted while a check is pending that follows one that found an update
    Given a Device in RFNOP that has an update
    And a check has been made
    And a check is pending
    When the Device is restarted
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @needs:update @SSU-13 @S21
  Scenario: The Device is restarted after an update
    Given a Device in RFNOP that has an update
    And a check has been made
    When a privileged Client requests a secure software update
    And the Device has come to rest
    And the Device is restarted
    Then the Device is idle again
