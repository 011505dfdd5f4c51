package exam

// NotAlone says of each requirement that catches no deviant by itself why that
// is so.
func NotAlone() map[string]string {
	return map[string]string{
		"SVV-8":  "DPM-8 is broken wherever SVV-8 is: Table 40 says of the bit in tm what the sentence says of the completion",
		"SVV-10": "DPM-8 is broken wherever SVV-10 is, and what tm does not show no observer is told (OBS-2)",
		"SVV-12": "a result of the check before is a 1 where no update is to be had, which breaks SVV-7 too where the first check was of another run",
		"SSU-8":  "DPM-9 is broken wherever SSU-8 is: Table 40 says of the bit in tm what the sentence says of the completion",
		"SSU-10": "DPM-9 is broken wherever SSU-10 is, and what tm does not show no observer is told (OBS-2)",
		"DPM-8":  "it is SVV-8 and SVV-10 together: nothing breaks it that breaks neither",
		"DPM-9":  "it is SSU-8 and SSU-10 together: nothing breaks it that breaks neither",
		"DPM-11": "0x4000 is a bit that the edition does not define, so that a check which it starts breaks DPM-10 too",
	}
}
