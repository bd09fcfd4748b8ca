// The problem codes of plans, schedules, callbacks, alerts, vaults and enabling.
import { explainProblem } from './explanation.ts';

const READ_AGAIN = 'Read it again, and make the change on that version.';
const NEW_TARGET = 'Choose another value. The detail lists the possible values that Lifeboat knows.';
const WHILE_REPLICATING = 'Disable replication and enable it again with the other setting.';

const unknownId = (noun: string, list: string) =>
  explainProblem(
    `No ${noun} has this id, so it cannot be read or changed.`,
    `Check the id: ${list} lists all. To make a new one, leave If-Match out.`,
  );
const changedByOthers = (noun: string) =>
  explainProblem(`Others have changed the ${noun} since you read it.`, READ_AGAIN);

export const FEATURE_PROBLEMS = {
  PlanUnknown: unknownId('plan', 'GET /api/v1/plans'),
  PlanChanged: changedByOthers('plan'),
  PlanInvalid: explainProblem(
    'The plan breaks a rule, so it cannot be saved or run.',
    'Correct the findings. POST /api/v1/plan-lint checks a plan without saving it.',
  ),
  PlanInUse: explainProblem(
    'Open jobs, schedules or alert rules use the plan.',
    'End the jobs, and remove the schedules and alert rules first. The details name them.',
  ),
  PlanIsNative: explainProblem(
    'Site Recovery keeps this plan, and Lifeboat only reads it.',
    'Change the plan in Site Recovery, or save a copy under another id.',
  ),
  PlanCannotRun: explainProblem(
    'A check refuses the run of the plan in its present state.',
    'Correct the faults that the checks name. POST /api/v1/plans/{planId}/preview shows all checks.',
  ),
  PlanEmpty: explainProblem(
    'No VM of the plan would take part in the run.',
    'Add VMs to the plan, or exclude fewer VMs.',
  ),
  VmNotInPlan: explainProblem('The plan does not have this VM.', 'Name VMs of the plan only.'),
  OtherPlan: explainProblem(
    'The command of a schedule names another plan than its address does.',
    'Name the same plan in both, or leave the plan out of the command.',
  ),
  ScheduleUnknown: unknownId('schedule', 'GET /api/v1/plans/{planId}/schedules'),
  ScheduleChanged: explainProblem(
    'Others have changed the schedule since you read it, or before a due start began.',
    READ_AGAIN,
  ),
  CallbackUnknown: unknownId('callback address', 'GET /api/v1/callbacks'),
  CallbackChanged: changedByOthers('callback address'),
  TooManyCallbacks: explainProblem(
    'Lifeboat already has its maximum number of callback addresses.',
    'Remove an address first.',
  ),
  AddressNotAllowed: explainProblem(
    'The address is not on the list LIFEBOAT_CALLBACKS, or is private without permission there.',
    'Let the person who runs Lifeboat put the address on the list.',
  ),
  KeyUnknown: explainProblem(
    'None of the named keys is in LIFEBOAT_CALLBACK_KEYS, and Lifeboat sends nothing unsigned.',
    'Let the person who runs Lifeboat put the key there.',
  ),
  AlertRuleUnknown: unknownId('alert rule', 'GET /api/v1/alert-rules'),
  AlertRuleChanged: changedByOthers('alert rule'),
  AlertOverBeforeItFired: explainProblem(
    'The alert says that it ended before it began.',
    'Correct the times of the alert.',
  ),
  AlertContended: explainProblem(
    'Others changed the alert each time that Lifeboat read it.',
    'Send the alert again. It stays the same alert by its id.',
  ),
  RuleContended: explainProblem(
    'The rule acted on other alerts each time that Lifeboat read it.',
    'Nothing. Lifeboat tries again.',
  ),
  DecisionUnknown: explainProblem(
    'No decision has this id.',
    'GET /api/v1/alert-rules/{id}/decisions lists the decisions of a rule.',
  ),
  DecisionSettled: explainProblem(
    'The decision does not wait for a person any more.',
    'Read the decision to see its result.',
  ),
  DecisionVoid: explainProblem(
    'The rule or its plan has changed, so nobody can approve the old decision.',
    'Wait for the next alert. The rule then asks again.',
    'The decision is marked void. Nothing was started.',
  ),
  DecisionContended: explainProblem(
    'Others decide about the same alert at the same time.',
    'Read the decision, then send your vote again if it is still open.',
  ),
  AlarmUnknown: explainProblem('No alarm has this id.', 'GET /api/v1/alarms lists the open alarms.'),
  VaultUnknown: explainProblem(
    'The settings of Lifeboat do not name this vault.',
    'GET /api/v1/vaults lists the vaults that Lifeboat knows.',
  ),
  VaultInUse: explainProblem(
    'Open jobs, plans or alert rules use VMs of the vault.',
    'End the jobs, and change the plans and alert rules first. The details name them.',
  ),
  VaultInSettings: explainProblem(
    'The settings of Lifeboat name this vault, so no caller can take it out.',
    'Take the vault out of LIFEBOAT_VAULTS.',
  ),
  VaultChanged: changedByOthers('vault'),
  VaultGone: explainProblem(
    'The settings name the vault, and Azure has none there.',
    'Make the vault again, or take it out of LIFEBOAT_VAULTS.',
  ),
  ReplicationGone: explainProblem(
    'Site Recovery does not replicate the VM any more.',
    'Enable its replication again if you need it.',
  ),
  ImpossibleGoal: explainProblem(
    'Site Recovery cannot protect such a source to such a target.',
    'Choose one of the goals that the detail lists. GET /api/v1/options lists them, too.',
  ),
  ScenarioNotBuilt: explainProblem(
    'Site Recovery offers this goal, and this version of Lifeboat cannot enable it.',
    'Choose one of the goals that the detail lists, or use Site Recovery itself.',
  ),
  RegionUnknown: explainProblem('No region has this name.', NEW_TARGET),
  RegionWithoutSiteRecovery: explainProblem('Azure does not offer Site Recovery in this region.', NEW_TARGET),
  SameRegion: explainProblem(
    'Source and target are the same region.',
    'Name another target region, or a target zone to replicate from zone to zone.',
  ),
  OtherCloud: explainProblem('Source and target are regions of different clouds.', NEW_TARGET),
  CheckNotManual: explainProblem(
    'Lifeboat does this check itself, so the word of a person does not count.',
    'Read the report of POST /api/v1/readiness, and follow its remedy.',
  ),
  ConfirmationUnknown: explainProblem(
    'No confirmation has this id.',
    'GET /api/v1/check-confirmations lists all.',
  ),
  ConfirmationContended: explainProblem(
    'Others changed the confirmation at the same time.',
    'Read the confirmations again.',
  ),
  CloudUnknown: explainProblem(
    'Microsoft publishes no such list for this cloud.',
    'Ask the operator of the cloud, or name a region of another cloud.',
  ),
  SourceGroupUnknown: explainProblem(
    'The source subscription has no resource group of this name, or Lifeboat cannot see it.',
    NEW_TARGET,
  ),
  SourceServiceUnknown: explainProblem(
    'The source subscription has no cloud service of this name, or Lifeboat cannot see it.',
    NEW_TARGET,
  ),
  OtherTenant: explainProblem('The subscription belongs to another tenant than the vault.', NEW_TARGET),
  SubscriptionUnknown: explainProblem(
    'The subscription does not exist, or Lifeboat cannot see it.',
    'Check the id, and give the identity of Lifeboat its role there.',
  ),
  SubscriptionDisabled: explainProblem('The subscription is disabled.', 'Enable it, or name another one.'),
  NetworkElsewhere: explainProblem('The network is in another region or subscription.', NEW_TARGET),
  CacheElsewhere: explainProblem(
    'The cache storage account is not in the region that replication reads from.',
    'Name an account in that region. Send a command for the VMs of each region.',
  ),
  CacheOfGroup: explainProblem(
    'A multi-VM group is reprotected as a whole, and takes no cache storage account.',
    'Leave the account out, or name the other VMs in a command of their own.',
  ),
  CacheNotUsed: explainProblem(
    'A reprotect of this scenario uses no cache storage account.',
    'Leave the account out, or name the other VMs in a command of their own.',
  ),
  PlaceNotUsed: explainProblem(
    'A reprotect of this scenario takes no resource group and no placement group.',
    'Leave them out, or name the other VMs in a command of their own.',
  ),
  PlaceOfGroup: explainProblem(
    'A multi-VM group is reprotected as a whole, and takes no resource group and no placement group.',
    'Leave them out, or name the other VMs in a command of their own.',
  ),
  PlaceOfSeveralRegions: explainProblem(
    'The VMs will be replicated to several regions or subscriptions, and one place is in one.',
    'Send a command for the VMs of each region and subscription.',
  ),
  GroupTooLarge: explainProblem(
    'The multi-VM group would have more members than Site Recovery allows.',
    'Spread the VMs over several groups.',
  ),
  AvailabilityTypeFixed: explainProblem(
    'The kind of availability cannot change while the VM replicates.',
    WHILE_REPLICATING,
  ),
  PlacementGroupStays: explainProblem(
    'A proximity placement group can be changed, not removed, while the VM replicates.',
    WHILE_REPLICATING,
  ),
} as const;
