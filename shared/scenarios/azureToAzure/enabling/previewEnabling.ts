// Builds the whole preview in three stages. First come the decisions about each VM alone, then the
// effects between VMs, then the prerequisites of the remaining VMs. Pure.
import { isAboutVault } from './request/locations.ts';
import { Scenario } from '../../../core/scenario.ts';
import {
  planSharedPrerequisites,
  prerequisitesWithoutVms,
  type SharedPrerequisites,
} from './prerequisites/sharedPrerequisites.ts';
import { CLASSIC_QUOTA_CHECK } from './vm/classic.ts';
import { collectPrerequisites, NO_PREREQUISITES } from './prerequisites/collectPrerequisites.ts';
import type { AzureFacts } from '../../../azure/facts.ts';
import { resolveScope, type RequestScope } from './request/requestScope.ts';
import { keyOf } from '../../enabling/lookup.ts';
import { draftVm, draftNameOf, mayFail, type VmDraft } from './vm/draftVm.ts';
import { manualChecksOf } from './checks/manualChecks.ts';
import { checkMemberCount, multiVmWarningsOf } from './vm/multiVmGroup.ts';
import { itemIdOf, itemNameOf } from '../../enabling/resourceNames.ts';
import type { Warning } from '../../../core/warning.ts';
import { warn, type Notes } from '../../enabling/notes.ts';
import type { ReadinessCheck, EnablingPreview, VmPreview } from '../../enabling/preview.ts';
import type { Refusal } from '../../../core/refusal.ts';
import { checkQuotas, appliesToSize } from '../../enabling/quotaChecks.ts';
import type { PrepareRequest } from './request/request.ts';
import { vmRequestsOf } from './request/vmRequest.ts';

/** Previews a request with these facts. `requestRefusals` are known before. */
export function previewEnabling(
  facts: AzureFacts,
  request: PrepareRequest,
  requestRefusals: readonly Refusal[] = [],
): EnablingPreview {
  const { scope, notes } = resolveScope(facts, request, requestRefusals);
  const shared = planSharedPrerequisites(scope, notes);
  const drafts = vmRequestsOf(request).map((vm) => draftVm(scope, shared, vm));
  checkMultiVmGroup(shared, scope, drafts);
  const quotas = addQuotaChecks(scope, drafts);
  const withoutVms = request.vms.length === 0 ? prerequisitesWithoutVms(scope, shared) : undefined;
  notes.refusals.push(...(withoutVms?.notes.refusals ?? []));
  const refusals = notes.refusals;
  const collected =
    refusals.length > 0
      ? NO_PREREQUISITES
      : collectPrerequisites(
          scope,
          shared,
          drafts.filter((draft) => willBeEnabled(scope, draft)),
          withoutVms?.prerequisites ?? [],
        );
  const { source, target, vault } = scope;
  return {
    scenario: Scenario.azureToAzure,
    vault: { id: vault.id, name: vault.name, region: vault.region },
    source,
    target,
    prerequisites: collected.prerequisites,
    vms: drafts.map((draft) =>
      refusals.length > 0
        ? refusedPreview(scope, shared, draft, refusals)
        : previewVm(scope, shared, draft, collected.mappingIdsOf(draft)),
    ),
    refusals,
    warnings: [
      ...notes.warnings,
      ...collected.warnings,
      ...(shared.multiVmGroup ? multiVmWarningsOf(shared.multiVmGroup) : []),
      ...warningsOfChecks(scope, quotas),
    ],
    checks: [...checkVaultRegion(scope, notes), ...quotas, ...manualChecksOf(scope)],
  };
}

const failedChecks = (scope: RequestScope, { checks }: Pick<VmDraft, 'checks'>): readonly ReadinessCheck[] =>
  // These two checks have refusal codes of their own.
  checks.filter(
    ({ id, verdict }) => verdict === 'fail' && id !== 'PRE-8' && id !== 'PRE-10' && !mayFail(scope, id),
  );

const willBeEnabled = (scope: RequestScope, draft: VmDraft): boolean =>
  draft.planned !== undefined &&
  draft.item === undefined &&
  draft.notes.refusals.length === 0 &&
  failedChecks(scope, draft).length === 0;

function checkMultiVmGroup(
  { multiVmGroup }: SharedPrerequisites,
  scope: RequestScope,
  drafts: readonly VmDraft[],
): void {
  if (!multiVmGroup) return;
  const joining = drafts.filter((draft) => willBeEnabled(scope, draft));
  const tooLarge = checkMemberCount(multiVmGroup, joining.length);
  if (tooLarge) for (const { notes } of joining) notes.refusals.push(tooLarge);
  for (const { item, notes } of drafts) {
    if (item && item.multiVmGroupName?.toLowerCase() !== multiVmGroup.name.toLowerCase())
      warn(
        notes,
        'StaysInItsGroup',
        `It is enabled already, ${describeGroup(item.multiVmGroupName)}, ` +
          'and keeps this. To change the group, disable replication and enable it again.',
      );
  }
}

const describeGroup = (name: string | null): string =>
  name === null ? 'in no multi-VM group' : `in the multi-VM group "${name}"`;

/**
 * Counts the quota of all VMs that the preview would enable. VMs that use a short quota all get its
 * failed check.
 */
function addQuotaChecks(scope: RequestScope, drafts: readonly VmDraft[]): readonly ReadinessCheck[] {
  const enabling = drafts.filter((draft) => willBeEnabled(scope, draft));
  const withQuota = enabling.flatMap((draft) =>
    draft.planned && draft.vm?.model !== 'classic' ? [{ draft, size: draft.planned.size.size }] : [],
  );
  const quotas = checkQuotas(
    scope,
    withQuota.map(({ size }) => size),
  );
  for (const { draft, size } of withQuota)
    draft.checks.push(...quotas.filter((check) => appliesToSize(check, size)).map(toReadinessCheck));
  return [
    ...quotas.map(toReadinessCheck),
    ...(withQuota.length < enabling.length ? [CLASSIC_QUOTA_CHECK] : []),
  ];
}

const toReadinessCheck = ({ id, name, verdict, message, remedy }: ReadinessCheck): ReadinessCheck => ({
  id,
  name,
  verdict,
  message,
  remedy,
});

function checkVaultRegion(
  { vault, target }: RequestScope,
  { refusals, warnings }: Notes,
): readonly ReadinessCheck[] {
  const vaultRefusals = refusals.filter(isAboutVault);
  const vaultWarnings = warnings.filter(isAboutVault);
  const check = { id: 'VAULT-1', name: 'Region of the vault' };
  const [refusal] = vaultRefusals;
  if (refusal)
    return [
      { ...check, verdict: 'fail', message: refusal.message, remedy: `Name a vault in ${target.region}.` },
    ];
  const [warning] = vaultWarnings;
  return [
    warning
      ? {
          ...check,
          verdict: 'warn',
          message: warning.message,
          remedy: `Name a vault in ${target.region}, if possible.`,
        }
      : {
          ...check,
          verdict: 'pass',
          message: `The vault ${vault.name} is in the target region ${target.region}.`,
          remedy: null,
        },
  ];
}

/** The checks that the command ignores, as warnings with the check ids. */
const warningsOfChecks = (scope: RequestScope, checks: readonly ReadinessCheck[]): readonly Warning[] =>
  checks.flatMap(({ id, name, verdict, message }) => {
    if (verdict === 'warn') return [{ code: id, message: `${name}: ${message}` }];
    return verdict === 'fail' && mayFail(scope, id)
      ? [
          {
            code: id,
            message: `${name}: ${message} The command ignores this failure ("allowFailedChecks").`,
          },
        ]
      : [];
  });

const VERDICT_TEXTS: Record<VmPreview['verdict'], string> = {
  enable: 'It can be enabled',
  alreadyEnabled: 'It is enabled already',
  refused: 'It is refused',
};
const summaryOf = (verdict: VmPreview['verdict'], warnings: readonly Warning[]): string =>
  warnings.length === 0
    ? `${VERDICT_TEXTS[verdict]}.`
    : `${VERDICT_TEXTS[verdict]}, with ${warnings.length} ` +
      `warning${warnings.length === 1 ? '' : 's'}: ` +
      `${[...new Set(warnings.map(({ code }) => code))].join(', ')}.`;

/**
 * The preview of a VM in a refused request. The refusals apply to each VM; its checks stay visible.
 */
function refusedPreview(
  scope: RequestScope,
  shared: SharedPrerequisites,
  draft: VmDraft,
  refusals: readonly Refusal[],
): VmPreview {
  const { vm, request, checks } = draft;
  return {
    vmId: vm?.id ?? request.id,
    name: draftNameOf(draft),
    verdict: 'refused',
    summary: summaryOf('refused', []),
    refusals,
    warnings: [],
    checks,
    itemId: itemIdFor(scope, shared, request.id),
    settings: null,
    choices: [],
    needs: [],
  };
}

const describeCheck = ({ id, name, message, remedy }: ReadinessCheck): string =>
  `${id} ${name}: ${message} ${remedy ?? ''}`.trim();

const itemIdFor = ({ lookup }: RequestScope, shared: SharedPrerequisites, vmId: string): string =>
  itemIdOf(shared.sourceContainer.id, itemNameOf(vmId, lookup.facts.enableCounts[keyOf(vmId)] ?? 1));

function previewVm(
  scope: RequestScope,
  shared: SharedPrerequisites,
  draft: VmDraft,
  mappings: readonly string[],
): VmPreview {
  const { vm, request, item, notes, checks } = draft;
  const failed = failedChecks(scope, draft);
  const notReady: Refusal[] =
    item || failed.length === 0
      ? []
      : [
          {
            code: 'NotReady',
            message:
              'Not ready: ' +
              `${failed.map(describeCheck).join(' ')} ` +
              `To enable it anyway, name ${[...new Set(failed.map(({ id }) => id))].join(', ')} in ` +
              '"allowFailedChecks".',
          },
        ];
  const refusals = [...notes.refusals, ...notReady];
  const isEnabled = willBeEnabled(scope, draft);
  const verdict = item && refusals.length === 0 ? 'alreadyEnabled' : isEnabled ? 'enable' : 'refused';
  const warnings = [...notes.warnings, ...(isEnabled ? warningsOfChecks(scope, checks) : [])];
  return {
    vmId: vm?.id ?? request.id,
    name: draftNameOf(draft),
    checks,
    refusals,
    verdict,
    warnings,
    summary: summaryOf(verdict, warnings),
    itemId: item?.id ?? itemIdFor(scope, shared, request.id),
    settings: isEnabled ? (draft.planned?.settings ?? null) : null,
    choices: isEnabled ? notes.choices : [],
    needs: isEnabled ? [...new Set([...notes.prerequisites.map(({ id }) => id), ...mappings])] : [],
  };
}
