Feature: Power cuts as OCF 2.2 has them
  What is done to Devices of OCF 2.2 whose power goes at one of their durable writes, besides what is done to those of earlier editions.

  Scenario: An availability check that a Client does not cancel, and a validation behind it
    Given a Device in RFNOP that has an update
    And an availability check is pending
    When a privileged Client clears every bit of tm
    And a privileged Client requests software version validation
    And the trusted source answers
    Then the requirements decide

  Scenario: A result that a move of dos takes
    Given a Device in RFNOP that has an update
    And an availability check has been made
    When a privileged Client writes dos as RFPRO
    And a privileged Client writes dos as RFNOP
    Then the requirements decide

  @scheduled
  Scenario: An update at its time
    Given a Device in RFNOP that has an update
    When a privileged Client schedules upgrade for 10 s later
    And the scheduled time comes
    Then the requirements decide

  @scheduled
  Scenario: A validation that is cancelled
    Given a Device in RFNOP that has an update
    When a privileged Client schedules isvv for 10 s later
    And a privileged Client cancels what is scheduled
    And the scheduled time comes
    Then the requirements decide

  @scheduled
  Scenario: An update that fails at its time
    Given a Device in RFNOP whose update fails
    When a privileged Client schedules upgrade for 10 s later
    And the scheduled time comes
    Then the requirements decide
