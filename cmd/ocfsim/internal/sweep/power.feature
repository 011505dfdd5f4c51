Feature: Power cuts
  What is done to Devices whose power goes at one of their durable writes. Nothing is expected here but what the requirements demand.

  Scenario: A check that a Client does not cancel, and then an update
    Given a Device in RFNOP that has an update
    And a check is pending
    When a privileged Client clears every bit of tm
    And the trusted source answers
    And the Device has come to rest
    And a privileged Client requests a secure software update
    Then the requirements decide

  Scenario: An update that a Client does not cancel, and a check behind it
    Given a Device in RFNOP that has an update
    And an update is pending
    When a privileged Client clears every bit of tm
    And a privileged Client requests software version validation
    And the trusted source answers
    Then the requirements decide

  Scenario: Both in one write
    Given a Device in RFNOP that has an update
    When a privileged Client requests validation and update in one write
    Then the requirements decide

  Scenario: Both in one write, and nothing is on offer
    Given a Device in RFNOP that has no update
    When a privileged Client requests validation and update in one write
    Then the requirements decide

  Scenario: An update that fails
    Given a Device in RFNOP whose update fails
    When a privileged Client requests a secure software update
    Then the requirements decide

  Scenario: By itself
    Given a Device in RFNOP that has an update
    When the Device starts a check by itself
    And the Device has come to rest
    And the Device starts an update by itself
    Then the requirements decide

  Scenario: A move and a write that is refused
    Given a Device in RFNOP that has an update
    And the Device has been moved to SRESET
    When a privileged Client writes "cm as V" to pstat
    And a privileged Client requests software version validation
    Then the requirements decide

  @secured
  Scenario: From the transfer of its ownership on
    Given a Device in RFNOP that has an update
    And an unprivileged Client (without ACE) is there
    And a check is pending
    When an unprivileged Client (without ACE) writes tm as U
    And the trusted source answers
    Then the requirements decide

  @afterwards
  Scenario: A further check and update
    Given a Device in RFNOP that has an update
    And a check has been made
    When a privileged Client requests a secure software update
    Then the requirements decide
