@needs:validation
Feature: Software version validation
  A Client asks a Device to check whether newer software is to be had (seed.txt 28 to 41).
  The check is pending while tm has V; its result is in cm before tm loses V.

  @SVV-1 @SVV-5 @SVV-6 @SVV-8 @SVV-11 @OBS-3 @S1
  Scenario: A check that finds an update says so and ends
    Given a Device in RFNOP that has an update
    When a privileged Client requests software version validation
    Then pstat changes exactly in this order
      | tm | cm   | dos   |
      | V  | U?   | RFNOP |
      | V  | V+U? | RFNOP |
      | -  | V+U? | RFNOP |

  @SVV-1 @SVV-7 @S2
  Scenario: A check that finds no update says so and ends
    Given a Device in RFNOP that has no update
    When a privileged Client requests software version validation
    Then pstat changes exactly in this order
      | tm | cm | dos   |
      | V  | U? | RFNOP |
      | -  | U? | RFNOP |

  @SVV-7 @SVV-12 @S3
  Scenario: A check that finds nothing takes back what an earlier one found
    Given a Device in RFNOP that has an update
    And a check has been made
    And the trusted source has no update any more
    When a privileged Client requests software version validation
    Then pstat ends with
      | tm | cm | dos   |
      | -  | U? | RFNOP |

  @SVV-14 @S1
  Scenario: A request for a check leaves the rest of pstat as it is
    Given a Device in RFNOP that has an update
    When a privileged Client requests software version validation
    Then the Device is idle again

  @SVV-6 @SVV-11 @S3
  Scenario: A check that finds an update follows one that found nothing
    Given a Device in RFNOP that has no update
    And a check has been made
    And the trusted source has an update again
    When a privileged Client requests software version validation
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  # A timer that an earlier check has left behind would take back what the later one has found.
  @SVV-11 @S25
  Scenario: What a check has found stays when nothing is requested
    Given a Device in RFNOP that has an update
    And nothing is requested for as long as a check may take
    And a check has been made
    When a privileged Client requests software version validation
    And nothing is requested for as long as a check may take
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |

  @SVV-4 @SVV-10 @OBS-2 @DPM-8 @S1
  Scenario: A check begins by clearing the result of the one before
    Given a Device in RFNOP that has an update
    And a check has been made
    And the trusted source withholds its answers
    When a privileged Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat changes exactly in this order
      | tm | cm   | dos   |
      | V  | U?   | RFNOP |
      | V  | V+U? | RFNOP |
      | -  | V+U? | RFNOP |

  @SVV-10 @OBS-2 @DPM-8 @S2
  Scenario: A check is pending until the trusted source has answered
    Given a Device in RFNOP that has no update
    And the trusted source withholds its answers
    When a privileged Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat changes exactly in this order
      | tm | cm | dos   |
      | V  | U? | RFNOP |
      | -  | U? | RFNOP |

  @SVV-4 @S3
  Scenario: The cleared result stays cleared where nothing is found
    Given a Device in RFNOP that has an update
    And a check has been made
    And the trusted source has no update any more
    And the trusted source withholds its answers
    When a privileged Client requests software version validation
    And pstat is read while the trusted source withholds its answer
    And the trusted source answers
    Then pstat changes exactly in this order
      | tm | cm | dos   |
      | V  | U? | RFNOP |
      | -  | U? | RFNOP |

  @SVV-1 @SVV-2 @SVV-5 @SVV-6 @SVV-11 @S25
  Scenario: Checks follow one another
    Given a Device in RFNOP that has an update
    When a privileged Client checks for updates 8 times, one after another
    Then pstat ends with
      | tm | cm   | dos   |
      | -  | V+U? | RFNOP |
    And pstat never shows
      | tm   | cm | dos |
      | U+V? | *  | *   |

  @SVV-6 @S1
  Scenario: A check leaves the Device in RFNOP all the time
    Given a Device in RFNOP that has an update
    When a privileged Client requests software version validation
    Then pstat never shows
      | tm | cm | dos    |
      | *  | *  | RESET  |
      | *  | *  | RFOTM  |
      | *  | *  | RFPRO  |
      | *  | *  | SRESET |
