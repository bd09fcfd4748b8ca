// The codes about plans: findings, obstacles, warnings of an import, and results of scheduled starts.
import { explainProblem } from './explanation.ts';

const NOT_SAVED = 'The plan was not saved.';
const SAVED = 'Nothing prevents the plan from being saved or run.';
const IMPORTED = 'The plan is imported without that. Nothing was changed in Site Recovery.';
const RUN_STARTS = 'Nothing prevents the run.';
const NOT_BEGUN = 'This start began nothing. Later starts of the schedule come as planned.';

const ERRORS = {
  NotAPlan: explainProblem(
    'The text does not have the form of a plan.',
    'Write the value as the message and GET /api/openapi.json describe it.',
    NOT_SAVED,
  ),
  MoreFindings: explainProblem(
    'The plan has more errors than one answer lists.',
    'Correct the listed errors, then check the plan again.',
    NOT_SAVED,
  ),
  GroupCycle: explainProblem(
    'Some groups wait for each other in a cycle, so none of them can begin.',
    'Remove one of these names from its waitsFor.',
    NOT_SAVED,
  ),
  GroupUnreachable: explainProblem(
    'A group waits for a group that is not in this run or never begins.',
    'Name a group of this run, or take the name out of waitsFor.',
    NOT_SAVED,
  ),
  GroupTwice: explainProblem('Two groups have the same name.', 'Give each group its own name.', NOT_SAVED),
  VmTwice: explainProblem(
    'A VM stands in two groups, and can come up only once in a run.',
    'Leave the VM in one of them.',
    NOT_SAVED,
  ),
  VmElsewhere: explainProblem(
    'A group has actions around a VM that is not one of its VMs.',
    'Add the VM to the group, or move the actions to the group of the VM.',
    NOT_SAVED,
  ),
  MultiVmPart: explainProblem(
    'A group has some members of a multi-VM group, whose members fail over together or not at all.',
    'Put all members into one group of the plan.',
    NOT_SAVED,
  ),
  NobodyCanApprove: explainProblem(
    'An approval asks for more persons than those who may give it.',
    'Name more persons in "from", or give them the role.',
    NOT_SAVED,
  ),
} as const;

const WARNINGS = {
  MoreWarnings: explainProblem(
    'The plan has more warnings than one document can hold.',
    'Correct the listed warnings, then save the plan again.',
    SAVED,
  ),
  Warning: explainProblem(
    'An earlier Lifeboat wrote this warning, and gave it no code of its own.',
    'Read the message of the warning.',
    'Nothing.',
  ),
  ActionWithoutTimeout: explainProblem(
    'An action has no time-out, so the run never ends while the action hangs.',
    'Give the action timeoutMinutes.',
    SAVED,
  ),
  CriticalWithoutTimeout: explainProblem(
    'A critical action has no time-out, so all later steps wait while the action hangs.',
    'Give the action timeoutMinutes, and say with onTimeout what follows.',
    SAVED,
  ),
  OptionalStops: explainProblem(
    'An optional action stops the whole run when it fails.',
    'Make the action critical, or let the run go on.',
    SAVED,
  ),
  FewCanApprove: explainProblem(
    'Just enough persons can approve. If one is away or sends the command, nobody is left.',
    'Name more persons in "from".',
    SAVED,
  ),
  GroupEmpty: explainProblem(
    'A group has neither VMs nor actions.',
    'Fill the group, or take it out.',
    SAVED,
  ),
  NoVms: explainProblem(
    'The plan has no VMs, so Lifeboat refuses to run it.',
    'Add VMs to the groups of the plan.',
    SAVED,
  ),
  NotBroughtBack: explainProblem(
    'A VM fails over with the plan, and the failback has groups of its own without that VM.',
    'Add the VM to the groups of the failback.',
    SAVED,
  ),
  NotFailedOver: explainProblem(
    'A VM takes part in another run of the plan, and not in the failover.',
    'Add the VM to the failover, or take the VM out of the other run.',
    SAVED,
  ),
  VmNotProtected: explainProblem(
    'A VM of the plan is not protected now.',
    'Protect the VM. A run is refused until then.',
    'The plan can be saved.',
  ),
  TargetTooShort: explainProblem(
    'The measured durations or the recovery points do not fit the targets of the plan.',
    'Let more steps run in parallel, allow only newer points, or raise the target.',
    SAVED,
  ),
  BeyondNativeGroups: explainProblem(
    'The plan has more groups than a native plan may have. Lifeboat takes them.',
    'Nothing.',
    SAVED,
  ),
  BeyondNativeVms: explainProblem(
    'The plan has more VMs than a native plan may have. Lifeboat takes them.',
    'Nothing.',
    SAVED,
  ),
  SeveralVaults: explainProblem(
    'The VMs of the plan are in several vaults. Lifeboat runs them as one plan.',
    'Nothing.',
    SAVED,
  ),
} as const;

const IMPORTS = {
  ActionKindUnknown: explainProblem(
    'A native plan has an action of a kind that Lifeboat does not know.',
    'Save a copy of the plan, and add an action of Lifeboat that does the same.',
    IMPORTED,
  ),
  ActionLeftOut: explainProblem(
    'A native plan has an action for a direction or an operation that no run of a plan has.',
    'Save a copy of the plan, and add the action where you need it.',
    IMPORTED,
  ),
  ActionsMoved: explainProblem(
    'A native plan has actions around the whole plan. Lifeboat does them before the first group.',
    'Check the order. Save a copy of the plan to change it.',
    IMPORTED,
  ),
  GroupKindUnknown: explainProblem(
    'A native plan has a group of a kind that Lifeboat does not know.',
    'Save a copy of the plan, and add the VMs and the actions of that group.',
    IMPORTED,
  ),
  ItemUnknown: explainProblem(
    'A native plan names a replicated item that Lifeboat does not know.',
    'Wait until the item is protected, then read the plan again.',
    IMPORTED,
  ),
  ScriptBecomesManual: explainProblem(
    'A native plan has a script on a server that Lifeboat cannot reach.',
    'Do the manual action in the run, or save a copy with a script of Lifeboat.',
    'The script is a manual action in the imported plan.',
  ),
} as const;

const OBSTACLES = {
  DrillInProgress: explainProblem(
    'Some VMs are in a drill. The run cleans that drill up first, and takes longer.',
    'Nothing, or clean the drill up before the run.',
    RUN_STARTS,
  ),
  DrillNotCleanedUp: explainProblem(
    'The plan does not clean the test VMs of a drill up. They stay until a person acts.',
    'Give cleanUpAfterMinutes, or send cleanUpTestFailover after the drill.',
    RUN_STARTS,
  ),
  HealthNotNormal: explainProblem(
    'The replication health of a VM is not normal, so its newest points may be old.',
    'GET /api/v1/replications/{id} shows the reasons of Site Recovery.',
    RUN_STARTS,
  ),
  SourceIsHome: explainProblem(
    'VMs run in the region of Lifeboat itself. If that region fails, Lifeboat may fail too.',
    'Let Lifeboat run in the region that survives.',
    RUN_STARTS,
  ),
  TimeToLiveTooShort: explainProblem(
    'Usually some actions do not end within the time to live of the drill.',
    'Make cleanUpAfterMinutes longer.',
    RUN_STARTS,
  ),
  VmBusy: explainProblem(
    'Somebody else has begun an operation on a VM. The run waits for its end.',
    'Nothing.',
    RUN_STARTS,
  ),
} as const;

const OCCURRENCES = {
  BlackOut: explainProblem(
    'The start was due in a black-out of the schedule.',
    'Nothing, or change the black-outs of the schedule.',
    NOT_BEGUN,
  ),
  CouldNotBegin: explainProblem(
    'Lifeboat tried to begin the start until its time was over.',
    'Read the reason in the message. Send the command yourself if you need it now.',
    NOT_BEGUN,
  ),
  Overtaken: explainProblem(
    'The next start was due before this one could begin, and one drill is enough.',
    'Nothing.',
    NOT_BEGUN,
  ),
  ScheduleRemoved: explainProblem(
    'Somebody removed the schedule before the due start began.',
    'Nothing.',
    NOT_BEGUN,
  ),
  TooLate: explainProblem(
    'The start could begin only later than catchUpMinutes of the schedule allows.',
    'Send the command yourself if you need it now, or raise catchUpMinutes.',
    NOT_BEGUN,
  ),
} as const;

export const PLAN_PROBLEMS = { ...ERRORS, ...WARNINGS, ...IMPORTS, ...OBSTACLES, ...OCCURRENCES } as const;
