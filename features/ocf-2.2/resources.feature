Feature: Interfaces and resources as OCF 2.2 has them
  pstat is there on two interfaces, and what else the Device serves of the later resources is as OCF has published it (docs/adr/0121).

  @DPM-15 @DPM-16
  Scenario: pstat is read on each of its interfaces and on none
    Given a Device in RFNOP
    When a privileged Client reads pstat, "on interface oic.if.baseline"
    And a privileged Client reads pstat, "on interface oic.if.rw"
    And pstat is read
    Then pstat is unchanged

  @needs:secured @RES-1
  Scenario: The security profiles are as published
    Given a Device in RFNOP
    When a privileged Client reads /oic/sec/sp
    Then pstat is unchanged

  @needs:secured @RES-2
  Scenario: The security domain is as published
    Given a Device in RFNOP
    When a privileged Client reads /oic/sec/sdi
    Then pstat is unchanged

  @needs:secured @RES-3
  Scenario: The list of auditable events is as published
    Given a Device in RFNOP
    When a privileged Client reads the resource of type oic.r.ael
    Then pstat is unchanged

  @RES-4
  Scenario: The introspection resource is as published
    Given a Device in RFNOP
    When a privileged Client reads the resource of type oic.wk.introspection
    Then pstat is unchanged
