// Problem codes of commands and jobs.
import { explainProblem } from './explanation.ts';

const TOO_LATE = 'Read the job to see its state. Send a new command if you still need one.';

export const JOB_PROBLEMS = {
  IdempotencyKeyMissing: explainProblem(
    'A command needs an Idempotency-Key, so that a repeated command stays one job.',
    'Send an Idempotency-Key header, such as the number of a ticket.',
  ),
  IdempotencyKeyReused: explainProblem(
    'Another command was sent with this Idempotency-Key before.',
    'Send the new command with a new key.',
  ),
  MessageIdUnusable: explainProblem(
    'The message id of a command in a queue is missing, or is a number that lost digits.',
    'Send a message id with a letter in it, such as the number of a ticket.',
  ),
  VmUnknown: explainProblem(
    'Lifeboat knows no replicated VM with this id, or no VM with this ARM id exists.',
    'Check the id. GET /api/v1/replications lists the replicated VMs that Lifeboat knows.',
  ),
  VmHeld: explainProblem(
    'Another job has locked a VM, and two jobs never act on one VM at once.',
    'Wait until that job ends, or cancel that job. The answer names it.',
  ),
  NotProtectedYet: explainProblem(
    'The VM is still being enabled, so no operation can start.',
    'Wait until GET /api/v1/replications lists the VM, then send the id from that list.',
  ),
  OperationNotAllowed: explainProblem(
    'The state of a VM does not allow the operation now.',
    'GET /api/v1/replications/{id} shows the operations that are allowed.',
  ),
  ScenarioNotPossibleYet: explainProblem(
    'Lifeboat can read replicated VMs of this scenario, and cannot do this operation on them yet.',
    'Do it in the portal of Azure. GET /api/v1/replications/{id} shows the scenario of a VM.',
  ),
  NoPlannedFailover: explainProblem(
    'The scenario of these VMs has no planned failover.',
    'Send kind "unplanned" with "shutDownSource": true.',
  ),
  RecoveryPointOfOneVm: explainProblem(
    'A recovery point with an id belongs to one VM, and the command names several VMs.',
    'Send a command for each VM, or name a kind of recovery point such as "latest".',
  ),
  GroupIncomplete: explainProblem(
    'The command names only some members of a multi-VM group, and the group moves as a whole.',
    'Name all members of the group. The answer lists them.',
  ),
  JobUnknown: explainProblem('No job has this id.', 'Check the id. GET /api/v1/jobs lists the jobs.'),
  JobEnded: explainProblem('The job has ended.', TOO_LATE),
  JobCancelled: explainProblem(
    'A person has cancelled the job. Lifeboat follows running operations and begins nothing new.',
    TOO_LATE,
  ),
  JobContended: explainProblem(
    'Others steer the same job at the same time.',
    'Read the job, then send the request again if it is still right.',
  ),
  NothingToRetry: explainProblem(
    'The job has no failed or skipped step that a retry could begin again.',
    'Read the job. Send a new command for another operation.',
  ),
  StepUnknown: explainProblem(
    'The job has no open step of this name.',
    'GET /api/v1/jobs/{id}/steps lists the steps.',
  ),
  StepBegun: explainProblem(
    'The step has begun, so it cannot be skipped.',
    'Wait for its end. Lifeboat follows the step.',
  ),
  SourceNotAwaited: explainProblem(
    'The job neither shuts its source down nor is a planned failover, so it does not need the source.',
    'Nothing. The failover goes on without the source.',
  ),
  AnswerNotPossible: explainProblem(
    'The question does not offer this answer.',
    'Send one of the answers that the question lists.',
  ),
  AnsweredAlready: explainProblem(
    'Somebody has given another answer to this question.',
    'Read the job to see the answer and who gave it.',
  ),
  NothingAsked: explainProblem(
    'The job does not ask this question now.',
    'Read "questions" of the job, which lists the open questions.',
  ),
  OwnRequest: explainProblem(
    'A person may not approve a request of the same person.',
    'Let another person approve.',
  ),
  NotAsked: explainProblem(
    'The plan asks other persons to approve this.',
    'Let one of the approvers that the plan names approve.',
  ),
  OtherSubject: explainProblem(
    'The command or the plan has changed since the person saw it.',
    'Read the question again, and approve its present version.',
  ),
  ApprovalExpired: explainProblem('The time for this approval has ended.', TOO_LATE),
  BeforeItWasAsked: explainProblem(
    'The approval was given before the question was asked.',
    'Read the question, then approve.',
  ),
  NotMeasured: explainProblem(
    'The operation brings no VM up, so the job has no measured times.',
    'Ask for the measures of a failover or a test failover.',
  ),
  NotMapped: explainProblem(
    'The operation brings no VM up, so the job has no map from old to new resources.',
    'Ask for the map of a failover.',
  ),
  UndeliveredUnknown: explainProblem(
    'No undelivered range has this id.',
    'GET /api/v1/undelivered lists the open ones.',
  ),
  UndeliveredContended: explainProblem(
    'Others changed the undelivered range each time that Lifeboat read it.',
    'Send the same request again.',
  ),
  AskingContended: explainProblem(
    'Other processes ask persons about the same thing at the same time.',
    'Nothing. Lifeboat tries again.',
  ),
} as const;
