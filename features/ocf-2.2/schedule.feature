@needs:softwareupdate
Feature: The software update resource
  oic.r.softwareupdate schedules what tm requests at once: isac asks for N, isvv for V and upgrade for U (docs/adr/0107, 0108, 0109).

  @needs:validation @SWU-1 @SWU-7 @SWU-9
  Scenario: A scheduled availability check begins at its time and ends alone
    Given a Device in RFNOP that has an update
    When a privileged Client schedules isac for 10 s later
    And the scheduled time comes
    Then the Device is idle again

  @needs:update @SWU-1 @SWU-6 @SWU-7 @SWU-11 @SWU-12
  Scenario: A scheduled update begins at its time and says how it ended
    Given a Device in RFNOP that has an update
    When a privileged Client schedules upgrade for 10 s later
    And the scheduled time comes
    Then the Device is idle again

  @needs:validation @SWU-11
  Scenario: What a validation has found is named
    Given a Device in RFNOP that has an update
    When a privileged Client requests software version validation
    And the Device has come to rest
    And the software update resource is read
    Then the Device is idle again

  @needs:update @SWU-12 @SWU-13
  Scenario: An update that fails is not the last update
    Given a Device in RFNOP whose update fails
    When the software update resource is read
    And a privileged Client requests a secure software update
    And the Device has come to rest
    And the software update resource is read
    Then the Device is idle again

  @needs:update @SWU-14
  Scenario: An observer of the software update resource is told how an update ended
    Given a Device in RFNOP that has an update
    When a privileged Client observes the software update resource
    And a privileged Client requests a secure software update
    And the Device has come to rest
    And the software update resource is read
    Then the Device is idle again

  @needs:update @SWU-6 @SWU-10
  Scenario: An update that fails is no success
    Given a Device in RFNOP whose update fails
    When a privileged Client requests a secure software update
    And the Device has come to rest
    And the software update resource is read
    Then the Device is idle again

  @needs:update @SWU-6 @SWU-11
  Scenario: An update that succeeds is a success
    Given a Device in RFNOP that has an update
    When a privileged Client requests a secure software update
    And the Device has come to rest
    And the software update resource is read
    Then the Device is idle again

  @needs:update @SWU-5
  Scenario: The state says that an update runs
    Given a Device in RFNOP that has an update
    And an update is pending
    When the software update resource is read
    And the trusted source answers
    Then the Device is idle again

  @needs:validation @SWU-5
  Scenario: The state says that a validation runs
    Given a Device in RFNOP that has an update
    And a check is pending
    When the software update resource is read
    And the trusted source answers
    Then the Device is idle again

  @needs:validation @SWU-8
  Scenario: idle cancels what is scheduled
    Given a Device in RFNOP that has an update
    When a privileged Client schedules isvv for 10 s later
    And a privileged Client cancels what is scheduled
    And the scheduled time comes
    Then the Device is idle again

  @SWU-3
  Scenario: An action whose time is over is refused
    Given a Device in RFNOP
    When a privileged Client schedules isac for an hour ago
    Then the Device is idle again

  @SWU-4
  Scenario: A read-only Property of the software update resource is refused
    Given a Device in RFNOP
    When a privileged Client writes swupdatestate along with an action for an hour later
    Then the Device is idle again

  @SWU-2
  Scenario Outline: A POST without one of the three Properties is refused
    Given a Device in RFNOP
    When a privileged Client schedules isac without <property>
    Then the Device is idle again

    Examples:
      | property       |
      | purl           |
      | swupdateaction |
      | updatetime     |
