@needs:autonomous
Feature: Checks and updates that the Device starts by itself
  A Device may show in tm and cm what it began by itself (seed.txt 66 to 71); what it shows runs the same course as a request.

  @needs:validation @AUT-1 @AUT-2 @S18
  Scenario: A check that the Device starts by itself finds an update
    Given a Device in RFNOP that has an update
    When the Device starts a check by itself
    Then the Device is idle again

  @needs:validation @AUT-1 @AUT-2 @S18
  Scenario: A check that the Device starts by itself finds nothing
    Given a Device in RFNOP that has no update
    When the Device starts a check by itself
    Then the Device is idle again

  @needs:validation @S18
  Scenario: A check that the Device starts by itself is pending until the trusted source has answered
    Given a Device in RFNOP that has an update
    And the trusted source withholds its answers
    When the Device starts a check by itself
    And pstat is read
    And the trusted source answers
    Then the Device is idle again

  @needs:validation @OBS-2 @AUT-1 @S18
  Scenario: A check that the Device starts by itself begins by clearing the result of the one before
    Given a Device in RFNOP that has an update
    And a check has been made
    And the trusted source withholds its answers
    When the Device starts a check by itself
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @needs:update @AUT-1 @AUT-2 @DOS-1 @DOS-4 @S19
  Scenario: An update that the Device starts by itself succeeds
    Given a Device in RFNOP that has an update
    And nothing is requested for as long as a check may take
    When the Device starts an update by itself
    Then the Device is idle again

  @needs:update @AUT-1 @S19
  Scenario: An update that the Device starts by itself fails
    Given a Device in RFNOP whose update fails
    When the Device starts an update by itself
    Then the Device is idle again

  @needs:validation @needs:update @AUT-3 @S18 @S19
  Scenario: The Device checks by itself and then updates by itself
    Given a Device in RFNOP that has an update
    When the Device starts a check by itself
    And the Device has come to rest
    And the Device starts an update by itself
    Then the Device is idle again

  @needs:validation @needs:update @S18 @S19
  Scenario: The Device starts an update by itself while a check is pending
    Given a Device in RFNOP that has an update
    And a check is pending
    When the Device starts an update by itself
    And the trusted source answers
    Then the Device is idle again

  @needs:validation @needs:update @OBS-2 @AUT-1 @S19
  Scenario: An update that the Device starts by itself begins by clearing a bit of cm, with both set before
    Given a Device in RFNOP that has an update
    And a check has been made and an update installed
    And the trusted source has an update again
    And a check has been made
    And the trusted source withholds its answers
    When the Device starts an update by itself
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  # What a Client writes meanwhile changes as little of such a process as of a requested one (seed.txt 40 to 41 and 54 to 55).
  @needs:validation @AUT-1 @S8 @S18
  Scenario: A check that the Device started by itself goes on when a Client clears its bit
    Given a Device in RFNOP that has an update
    And the trusted source withholds its answers
    When the Device starts a check by itself
    And pstat is read while the trusted source withholds its answer
    And a privileged Client clears every bit of tm
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @needs:update @AUT-1 @S9 @S19
  Scenario: An update that the Device started by itself goes on when a Client clears its bit
    Given a Device in RFNOP that has an update
    And the trusted source withholds its answers
    When the Device starts an update by itself
    And pstat is read while the trusted source withholds its answer
    And a privileged Client clears every bit of tm
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @needs:validation @S13 @S18
  Scenario: A Client requests the check that the Device has started by itself
    Given a Device in RFNOP that has an update
    And a check has been made
    And the trusted source withholds its answers
    When the Device starts a check by itself
    And pstat is read while the trusted source withholds its answer
    And a privileged Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @needs:validation @needs:update @AUT-1 @S11 @S19
  Scenario: A Client requests a check during an update that the Device started by itself
    Given a Device in RFNOP that has an update
    And the trusted source withholds its answers
    When the Device starts an update by itself
    And pstat is read while the trusted source withholds its answer
    And a privileged Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again

  @needs:validation @needs:update @S10 @S18
  Scenario: A Client requests an update during a check that the Device started by itself
    Given a Device in RFNOP that has an update
    And the trusted source withholds its answers
    When the Device starts a check by itself
    And pstat is read while the trusted source withholds its answer
    And a privileged Client requests a secure software update
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then the Device is idle again
