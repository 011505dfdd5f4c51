// Package ddi has the words and the documents of the Direct Device Integration API (DDI), by
// which Devices get their updates from an Eclipse hawkBit server: what a server says as JSON,
// and what a Device says of an action. It knows nothing of HTTP and of packages.
//
//	GET  /TENANT/controller/v1/CONTROLLER                            Base: what there is to do
//	PUT  /TENANT/controller/v1/CONTROLLER/configData                 Identity
//	GET  /TENANT/controller/v1/CONTROLLER/deploymentBase/ACTION      Deployment
//	POST /TENANT/controller/v1/CONTROLLER/deploymentBase/ACTION/feedback   Feedback
//	GET  /TENANT/controller/v1/CONTROLLER/cancelAction/ACTION        Cancellation
//	POST /TENANT/controller/v1/CONTROLLER/cancelAction/ACTION/feedback     Feedback
//	GET  /TENANT/controller/v1/CONTROLLER/installedBase/ACTION       Deployment
//	GET  /TENANT/controller/v1/CONTROLLER/confirmationBase           Confirmations
//	GET  /TENANT/controller/v1/CONTROLLER/confirmationBase/ACTION    ToConfirm
//	POST /TENANT/controller/v1/CONTROLLER/confirmationBase/ACTION/feedback   Confirmation
//	POST /TENANT/controller/v1/CONTROLLER/confirmationBase/activateAutoConfirm     AutoConfirm, or nothing
//	POST /TENANT/controller/v1/CONTROLLER/confirmationBase/deactivateAutoConfirm   nothing
//
// A controller is a Device, and an action is the task to install something.
package ddi
