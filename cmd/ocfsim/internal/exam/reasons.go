package exam

// NotAlone gives, for each requirement that is never the only one to catch a
// deviant, the reason why.
func NotAlone() map[string]string {
	return map[string]string{
		"SVV-8":  "whatever breaks SVV-8 breaks DPM-8 too: Table 40 says of the bit in tm what the sentence of SVV-8 says of the completion",
		"SVV-10": "whatever breaks SVV-10 breaks DPM-8 too; and if tm does not show the check, no observer is told of it (OBS-2)",
		"SVV-12": "a Device that keeps the result of an earlier check shows cm.V=1 though there is no update, and breaks SVV-7 too when the earlier check was made in another run",
		"SSU-8":  "whatever breaks SSU-8 breaks DPM-9 too: Table 40 says of the bit in tm what the sentence of SSU-8 says of the completion",
		"SSU-10": "whatever breaks SSU-10 breaks DPM-9 too; and if tm does not show the update, no observer is told of it (OBS-2)",
		"DPM-8":  "it demands what SVV-8 and SVV-10 demand together, so whatever breaks it breaks one of them",
		"DPM-9":  "it demands what SSU-8 and SSU-10 demand together, so whatever breaks it breaks one of them",
		"DPM-11": "the edition does not define the bit 0x4000, so a check that it starts breaks DPM-10 too",
	}
}
