// The codes of failed or skipped steps and of their warnings: in steps, jobs, events and exceptions.
import { explainProblem } from './explanation.ts';

const NOTHING_STARTED = 'Nothing was started for this target. The other targets of the job go on.';
const WARNED = 'Nothing. The step goes on.';
const ACTION_FAILED = 'The action has failed. The rule of the action decides whether the run goes on.';
const ACTION_REFUSED = 'The action was not started. The rule of the action decides whether the run goes on.';
const TRY_AGAIN = 'Answer "tryAgain" while the job asks. After its end, send POST /api/v1/jobs/{id}/retry.';
const NEXT_COMMAND = 'Send the command again.';
const READ_OUTPUT = 'Read the output of the step, correct the cause, then try the action again.';

const NOTHING_CHANGED = 'The report only describes the job. It changed nothing.';

const STEPS = {
  LeftRunning: explainProblem(
    'Site Recovery goes on with an operation, and the job no longer waits for it.',
    'Look at the job of Site Recovery in the portal until it has ended. Then read the state of the VM.',
    NOTHING_CHANGED,
  ),
  TestVmLeft: explainProblem(
    'The test VM of a drill exists, because its clean-up did not succeed or did not run.',
    'Send cleanUpTestFailover for the VM.',
    NOTHING_CHANGED,
  ),
  NotCommitted: explainProblem(
    'The VM was failed over, and the failover was not committed. The recovery point can still change.',
    'Send commit for the VM, or changeRecoveryPoint, or cancelFailover where the scenario has it.',
    NOTHING_CHANGED,
  ),
  NotReprotected: explainProblem(
    'The VM runs on the other side after its failover, and nothing protects it.',
    'Send reprotect for the VM when the other side is there again.',
    NOTHING_CHANGED,
  ),
  SourceNotShutDown: explainProblem(
    'The VM was failed over, and nobody shut down its source. If the source runs, both sides run.',
    'Check the source VM, and shut it down.',
    NOTHING_CHANGED,
  ),
  NotBegun: explainProblem(
    'The step never began, because the job ended before its turn.',
    'Read the error of the job, then retry the job or send a new command.',
    NOTHING_STARTED,
  ),
  Excluded: explainProblem(
    'The command excludes this VM from the run.',
    'Nothing, if that was intended. Otherwise send a command without this VM in "exclude".',
    NOTHING_STARTED,
  ),
  ItemNotFound: explainProblem(
    'Site Recovery has no replicated item for this VM. Perhaps somebody has disabled its replication.',
    'Enable the replication of the VM again, then send the command again.',
    NOTHING_STARTED,
  ),
  NotAllowedByAzure: explainProblem(
    'Site Recovery does not allow this operation in the present state of the VM or of its group.',
    'Read the allowed operations in the message. Bring the VM to the right state, then try again.',
    NOTHING_STARTED,
  ),
  JobFailed: explainProblem(
    'The job of Site Recovery has failed and named no code of its own.',
    `Read the reason in the message and in the portal, and correct the cause. ${TRY_AGAIN}`,
    'Site Recovery may have done a part of the operation. Lifeboat started nothing more for this target.',
  ),
  EarlierPhaseFailed: explainProblem(
    'The step was skipped, because an earlier phase of the same target did not succeed.',
    'Correct the fault of the earlier step. Then retry the job.',
    NOTHING_STARTED,
  ),
  EnabledNoMore: explainProblem(
    'The VM was replicated when the job began, and somebody has disabled its replication since.',
    NEXT_COMMAND,
    NOTHING_STARTED,
  ),
  Refused: explainProblem(
    'The preview refuses this VM, so its replication is not enabled.',
    'Correct the reasons that the message names, then send a new command for this VM.',
    NOTHING_STARTED,
  ),
  NothingToUpdate: explainProblem(
    'The command changes no setting of this VM.',
    'Nothing, or send a command with other values.',
    NOTHING_STARTED,
  ),
  StillReplicating: explainProblem(
    'The first copy of the VM takes longer than the limit of the command.',
    'Check the replication in the portal. Send the command again to wait longer.',
    'The replication continues in Azure.',
  ),
  TooManyAttempts: explainProblem(
    'Many attempts got no answer, and none of them has started anything.',
    `Check the log and the connection to Azure. ${TRY_AGAIN}`,
    'Nothing was started by these attempts.',
  ),
  NotSent: explainProblem(
    'Lifeboat did not send the request. Its deadline was over, or the job was paused or cancelled.',
    'Nothing. Lifeboat sends a new attempt while the job runs.',
  ),
  NoAnswer: explainProblem(
    'The request was sent, and no answer came, so its effect is unknown.',
    'Nothing at first. Lifeboat searches for the effect before it sends anything again.',
    'Perhaps the operation runs in Azure.',
  ),
  NotFinished: explainProblem(
    'The step did not finish, and the job ended without a nearer reason.',
    'Read the step and its log. Then retry the job.',
    'The state of the step says more.',
  ),
  SkippedByPerson: explainProblem(
    'A person has skipped this step, or chose not to go on after a wait.',
    'Nothing. The message names the person and the reason.',
    NOTHING_STARTED,
  ),
  RecoveryPointMissing: explainProblem(
    'The VM has no recovery point of the requested kind or with the requested id.',
    'Name one of the points in the message, or another kind of point.',
    NOTHING_STARTED,
  ),
  RecoveryPointsDiffer: explainProblem(
    'The members of a multi-VM group came up at different recovery points, so their data may disagree.',
    'Check the workload, or change the recovery point of the members that allow it.',
    WARNED,
  ),
  LeftToOtherJob: explainProblem(
    'A failover or failback needs the VM at once, and cleans up its test on the way.',
    'Read the clean-up of the VM in the job that the message names.',
    NOTHING_STARTED,
  ),
  CleanedUpByOtherJob: explainProblem(
    'A failover or failback took the VM from the drill, and has cleaned up its test.',
    'Nothing. The message names the job.',
    'The test VM is cleaned up.',
  ),
  MembersLeftBehind: explainProblem(
    'An operation on a multi-VM group moved some members and not the others.',
    `Another try moves the remaining members alone. ${TRY_AGAIN}`,
    'Some members have moved. The message names them.',
  ),
  PlanOfRestMissing: explainProblem(
    'The remaining members of a multi-VM group need a native plan of their own, which does not exist.',
    `Try the step again: that creates the native plan. ${TRY_AGAIN}`,
    NOTHING_STARTED,
  ),
  TestOfOthers: explainProblem(
    'The test failover of this group started through another native plan, not through Lifeboat.',
    'Clean the test up where it began, or send a separate clean-up for each VM.',
    NOTHING_STARTED,
  ),
  PrerequisiteDiffers: explainProblem(
    'A resource with the name of the prerequisite exists, and differs from the required one.',
    'Choose another name, or use the existing resource as it is.',
    'The existing resource was not changed.',
  ),
  PrerequisiteFailed: explainProblem(
    'Azure could not create a prerequisite, and shows the resource as failed.',
    'Check the resource in the portal, remove it, then send the command again.',
    'The failed resource stands in Azure.',
  ),
  PrerequisiteMissing: explainProblem(
    'A prerequisite of this step does not exist, because its own step failed or had no effect.',
    'Read the step of the prerequisite, correct the cause, then send the command again.',
    NOTHING_STARTED,
  ),
  LeftBehind: explainProblem(
    'A resource was not there before the drill, and is still there after its clean-up.',
    'Delete the resource if it belongs to the drill.',
    'Lifeboat did not change the resource.',
  ),
} as const;

const CACHES = {
  BlobsMissing: explainProblem(
    'A reprotect of a VM with unmanaged disks needs their blobs, and some are missing or not visible.',
    'Check the disks of the failed-over VM and the storage accounts of its source.',
    NOTHING_STARTED,
  ),
  CacheStorageAccountMissing: explainProblem(
    'A reprotect needs a cache storage account in the new source region, and Lifeboat knows none.',
    'Send a reprotect with cacheStorageAccountId.',
    NOTHING_STARTED,
  ),
  CacheNotStandard: explainProblem(
    'The cache storage account is a premium account. A cache must be a standard account.',
    'Name a standard account.',
  ),
  CacheNotAsAsked: explainProblem(
    'The VM is reprotected, and Site Recovery uses another cache than the requested one.',
    'Change the cache with the next reprotect, or disable replication and enable it again.',
    WARNED,
  ),
  PlaceOfClassicVm: explainProblem(
    'A classic VM comes up in its cloud service, so a resource group does not apply.',
    'Leave resourceGroup out.',
    NOTHING_STARTED,
  ),
  PlaceNotAsAsked: explainProblem(
    'The VM is reprotected, and Site Recovery shows another place than the requested one.',
    'Send updateReplication to change the place.',
    WARNED,
  ),
} as const;

const RUNS = {
  NotBuiltOn: explainProblem(
    'The step builds on another step, which was skipped or did not succeed.',
    'Correct the fault of that step, then retry the job.',
    NOTHING_STARTED,
  ),
  NotInPlan: explainProblem(
    'The step was planned before the job locked its VMs, and is no part of the run any more.',
    'Nothing. The run has other steps for its VMs.',
    NOTHING_STARTED,
  ),
  RunStopped: explainProblem(
    'A critical step has failed and stopped the run before this step.',
    'Correct the fault of the step that the message names, then retry the job.',
    NOTHING_STARTED,
  ),
  TimeToLiveOver: explainProblem(
    'The time to live of the drill ended first. The drill gives up open steps and cleans up.',
    'Make cleanUpAfterMinutes longer, or make the steps of the drill shorter.',
    'Lifeboat cleans the test VMs up.',
  ),
  TimedOut: explainProblem(
    'The action did not end within timeoutMinutes of the plan, or within the limit of Azure.',
    'Check what the action waits for. Raise its time-out if the action needs longer.',
    ACTION_FAILED,
  ),
} as const;

const ACTIONS = {
  ApprovalRefused: explainProblem(
    'A person has refused the approval that the plan asks for.',
    'Read the reason in the message. Start a new run when the reason is gone.',
    ACTION_FAILED,
  ),
  ApprovalVoid: explainProblem(
    'The command or the plan has changed since the request for approval.',
    'Send a new command. Lifeboat asks for approval again.',
    ACTION_FAILED,
  ),
  NotDone: explainProblem(
    'A person has answered that the manual action was not done.',
    'Do the action, then retry the job.',
    ACTION_FAILED,
  ),
  NoSuccess: explainProblem(
    'The address of the action gave no success, in all tries that the plan allows.',
    'Check the receiver. The message names the id of the request.',
    ACTION_FAILED,
  ),
  HttpStatus: explainProblem(
    'A code such as Http404 is the HTTP status of an answer without a code of its own.',
    'Read the beginning of the answer in the output of the step, and correct the cause.',
    'The status in the code says whether the receiver took the request.',
  ),
  Gone: explainProblem(
    'Azure accepted the work of the action, and does not show it any more.',
    'Check in Azure whether the work was done. Then try again, or go on.',
    'Perhaps the work was done.',
  ),
  RunbookUnknown: explainProblem(
    'The runbook of an action does not exist, or a native plan names no runbook for it.',
    'Create the runbook, or name another one in the plan.',
    ACTION_REFUSED,
  ),
  RunbookNotPublished: explainProblem(
    'The runbook of an action has no published version.',
    'Publish the runbook, then try the action again.',
    ACTION_REFUSED,
  ),
  RunbookFailed: explainProblem('The runbook has failed in Azure.', READ_OUTPUT, ACTION_FAILED),
  RunbookStopped: explainProblem('Somebody has stopped the runbook in Azure.', READ_OUTPUT, ACTION_FAILED),
  ScriptFailed: explainProblem(
    'The script has ended with an exit code other than zero.',
    READ_OUTPUT,
    ACTION_FAILED,
  ),
  ScriptCancelled: explainProblem('Somebody has cancelled the script in Azure.', READ_OUTPUT, ACTION_FAILED),
  ScriptNotRun: explainProblem('Azure could not run the script on the VM.', READ_OUTPUT, ACTION_FAILED),
  ScriptNotDeleted: explainProblem(
    'The script has ended, and its Run Command could not be deleted from the VM.',
    'Delete the Run Command when there is time. It does not run any more.',
    WARNED,
  ),
  ScriptChanged: explainProblem(
    'The text of the script does not match the hash in the plan, so nobody has reviewed this text.',
    'Review the text, then write its hash into the plan.',
    ACTION_REFUSED,
  ),
  ScriptMissing: explainProblem(
    'The address in the plan does not give the text of the script.',
    'Put the text there, or write another address into the plan.',
    ACTION_REFUSED,
  ),
  ReferenceNotSecure: explainProblem(
    'The address of the script does not begin with https.',
    'Write an https address into the plan.',
    ACTION_REFUSED,
  ),
  MachineUnknown: explainProblem(
    'The VM on which the script must run does not exist.',
    'Name another VM in the plan, or create the VM.',
    ACTION_REFUSED,
  ),
  OtherShell: explainProblem(
    'The script is for another operating system than the VM has.',
    'Write the right shell and a script for it into the plan.',
    ACTION_REFUSED,
  ),
} as const;

export const STEP_PROBLEMS = { ...STEPS, ...CACHES, ...RUNS, ...ACTIONS } as const;
