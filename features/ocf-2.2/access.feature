@needs:secured
Feature: Access as OCF 2.2 has it
  A security resource is there for Clients with a session alone, and no ACE changes that: the harness gives the Device one for
  connections without a session. Who owns another security resource has no right to pstat by that (docs/adr/0120).

  @ACC-1
  Scenario Outline: Nobody reads a security resource without a session
    Given a Device in RFNOP
    When an unprivileged Client (anonymous) reads <resource>
    Then pstat is unchanged

    Examples:
      | resource       |
      | /oic/sec/pstat |
      | /oic/sec/cred  |
      | /oic/sec/acl2  |

  @ACC-1
  Scenario Outline: Nobody reads pstat without a session outside RFNOP
    Given a Device in RFNOP
    And the Device has been moved to <dos>
    When an unprivileged Client (anonymous) reads /oic/sec/pstat
    Then pstat is unchanged

    Examples:
      | dos    |
      | RFPRO  |
      | SRESET |

  @needs:validation @needs:update @SVV-3 @SSU-3
  Scenario Outline: No ACE lets a Client without a session start anything
    Given a Device in RFNOP that has an update
    When an unprivileged Client (anonymous) writes tm as <tm>
    Then pstat is unchanged

    Examples:
      | tm |
      | V  |
      | U  |

  @DPM-12
  Scenario: No ACE lets a Client without a session move the Device
    Given a Device in RFNOP
    When an unprivileged Client (anonymous) writes dos as RFPRO
    Then pstat is unchanged

  @OBS-5
  Scenario: No ACE lets a Client without a session observe pstat
    Given a Device in RFNOP
    When an unprivileged Client (anonymous) observes pstat
    Then pstat is unchanged

  @needs:own @needs:validation @SVV-3 @NSA-3
  Scenario Outline: Who owns another security resource starts no check
    Given a Device in RFNOP that has an update
    And an unprivileged Client (without ACE) owns <resource>
    When an unprivileged Client (without ACE) writes tm as <tm>
    Then pstat is unchanged

    Examples:
      | check        | resource      | tm    |
      | V by the CMS | /oic/sec/cred | V     |
      | N by the CMS | /oic/sec/cred | N     |
      | V by the AMS | /oic/sec/acl2 | V     |
      | N by the AMS | /oic/sec/acl2 | N     |

  @needs:own @needs:update @SSU-3
  Scenario Outline: Who owns another security resource starts no update
    Given a Device in RFNOP that has an update
    And an unprivileged Client (without ACE) owns <resource>
    When an unprivileged Client (without ACE) writes tm as U
    Then pstat is unchanged

    Examples:
      | resource      |
      | /oic/sec/cred |
      | /oic/sec/acl2 |

  @needs:own @DPM-12
  Scenario Outline: Who owns another security resource does not move the Device
    Given a Device in RFNOP
    And an unprivileged Client (without ACE) owns <resource>
    When an unprivileged Client (without ACE) writes dos as RFPRO
    Then pstat is unchanged

    Examples:
      | resource      |
      | /oic/sec/cred |
      | /oic/sec/acl2 |
