@needs:update
Feature: Secure software update
  A Client asks a Device to update its software (seed.txt 45 to 55). The update is pending while tm has U; its result is in cm
  before tm loses U. What an update does to dos is the business of the requirements about dos, not of the states listed here;
  an update that passes through SRESET shows bit 1 of cm there.

  @SSU-1 @SSU-5 @SSU-6 @SSU-8 @SSU-11 @DOS-1 @DOS-3 @DOS-4 @S4
  Scenario: An update that succeeds says so and ends
    Given a Device in RFNOP that has an update
    And a check has been made
    When a privileged Client requests a secure software update
    Then pstat changes exactly in this order
      | tm | cm         | dos |
      | U  | V?+U?+0x1? | *   |
      | U  | U+V?+0x1?  | *   |
      | -  | U+V?       | *   |

  @SSU-7 @S5
  Scenario: An update that finds nothing to install says so and ends, or is refused
    Given a Device in RFNOP that has no update
    And a check has been made
    When a privileged Client requests a secure software update
    Then the Device is idle again

  @SSU-7 @SSU-8 @SSU-13 @DOS-1 @S6
  Scenario: An update that fails says that nothing was performed and ends
    Given a Device in RFNOP whose update fails
    And a check has been made
    When a privileged Client requests a secure software update
    Then pstat ends with
      | tm | cm | dos |
      | -  | V? | *   |

  @SSU-5 @SSU-7 @S6
  Scenario: An update that fails takes back the success of the one before
    Given a Device in RFNOP that has an update
    And a check has been made and an update installed
    And the update fails from now on
    And a check has been made
    When a privileged Client requests a secure software update
    Then pstat ends with
      | tm | cm | dos |
      | -  | V? | *   |

  # A Device that fetched the package during the check may perform the update all the same.
  @SSU-7 @S5
  Scenario: An update that is withdrawn after the check ends with its true result
    Given a Device in RFNOP that has an update
    And a check has been made
    And the trusted source has no update any more
    When a privileged Client requests a secure software update
    Then the Device is idle again

  @SSU-4 @SSU-10 @DPM-9 @OBS-2 @S27
  Scenario: An update begins by clearing a bit of cm, with both set before
    Given a Device in RFNOP that has an update
    And a check has been made and an update installed
    And the trusted source has an update again
    And a check has been made
    And the trusted source withholds its answers
    When a privileged Client requests a secure software update
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |

  @SSU-10 @OBS-2 @DPM-9 @S4
  Scenario: An update is pending until the trusted source has answered
    Given a Device in RFNOP that has an update
    And a check has been made
    And the trusted source withholds its answers
    When a privileged Client requests a secure software update
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat changes exactly in this order
      | tm | cm         | dos |
      | U  | V?+U?+0x1? | *   |
      | U  | U+V?+0x1?  | *   |
      | -  | U+V?       | *   |

  @S6
  Scenario: A failing update is pending until the trusted source has answered
    Given a Device in RFNOP whose update fails
    And a check has been made
    And the trusted source withholds its answers
    When a privileged Client requests a secure software update
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat ends with
      | tm | cm | dos |
      | -  | V? | *   |

  @SSU-1 @SSU-6 @S25
  Scenario: Checks and updates follow one another
    Given a Device in RFNOP that has an update
    When a privileged Client checks and updates 2 times, one after another
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |

  # A timer that an earlier update has left behind would take back what the later one has done.
  @SSU-11 @S25
  Scenario: What an update has done stays when nothing is requested
    Given a Device in RFNOP that has an update
    And nothing is requested for as long as a check may take
    And a check has been made and an update installed
    And the trusted source has an update again
    And a check has been made
    When a privileged Client requests a secure software update
    And nothing is requested for as long as a check may take
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |

  @needs:version @SSU-5 @SSU-6 @S4
  Scenario: A successful update changes the software version
    Given a Device in RFNOP that has an update
    And a check has been made
    When a privileged Client requests a secure software update
    Then pstat ends with
      | tm | cm   | dos |
      | -  | U+V? | *   |

  @SSU-14 @S4
  Scenario: A successful update keeps the owner and the identity of the Device
    Given a Device in RFNOP that has an update
    And its owner and its identity are known
    And a check has been made
    When a privileged Client requests a secure software update
    Then the Device is idle again

  @S6
  Scenario: An update that fails keeps the owner and the identity of the Device
    Given a Device in RFNOP whose update fails
    And its owner and its identity are known
    And a check has been made
    When a privileged Client requests a secure software update
    Then the Device is idle again
