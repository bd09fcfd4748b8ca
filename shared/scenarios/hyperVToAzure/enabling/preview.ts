// Builds the preview of a request for VMs of a Hyper-V site. Pure.
import type { AzureFacts } from '../../../azure/facts.ts';
import { nameOf } from '../../../core/armId.ts';
import type { Prerequisite } from '../../../azure/prerequisite.ts';
import { prerequisiteStageOf } from '../../../azure/prerequisite.ts';
import type { Refusal } from '../../../core/refusal.ts';
import { Scenario } from '../../../core/scenario.ts';
import type { Warning } from '../../../core/warning.ts';
import { keyOf } from '../../enabling/lookup.ts';
import type { EnablingPreview, ReadinessCheck, VmPreview } from '../../enabling/preview.ts';
import { checkQuotas, appliesToSize } from '../../enabling/quotaChecks.ts';
import { itemIdOf, itemNameOf } from '../../enabling/resourceNames.ts';
import { checksOfMachine, checksOfSite } from './checks.ts';
import { draftSiteVm, type SiteVmDraft } from './draft.ts';
import { planVaultParts, type VaultParts } from './parts.ts';
import type { SitePrepareRequest } from './request.ts';
import { resolveSiteScope, type SiteScope } from './scope.ts';

/** Previews a request with these facts. `requestRefusals` are known before. */
export function previewSiteEnabling(
  facts: AzureFacts,
  request: SitePrepareRequest,
  requestRefusals: readonly Refusal[],
): EnablingPreview {
  const { scope, notes } = resolveSiteScope(facts, request);
  const parts = planVaultParts(scope, notes);
  const drafts = request.vms.map((id) => draftSiteVm(scope, parts, id));
  const quotas = quotaChecksOf(scope, drafts);
  const refusals = [...requestRefusals, ...notes.refusals];
  const checks = [...checksOfSite(scope, parts), ...quotas.checks];
  const vms = drafts.map((draft) =>
    previewVm(scope, parts, draft, refusals, [
      ...checksOfMachine(scope, draft.machine?.os ?? null),
      ...quotas.checksOf(draft),
    ]),
  );
  return {
    scenario: Scenario.hyperVToAzure,
    vault: {
      id: scope.vault?.id ?? request.vault.id,
      name: nameOf(request.vault.id),
      region: scope.target.region,
    },
    source: { region: '', subscription: '' },
    target: scope.target,
    prerequisites: refusals.length > 0 ? [] : partsOf(parts, drafts, vms),
    vms,
    refusals,
    warnings: warningsOf(checks, request),
    checks,
  };
}

/** The prerequisites of the vault, and of the VMs that the preview will enable. */
function partsOf(
  { site, policy, mapping }: VaultParts,
  drafts: readonly SiteVmDraft[],
  vms: readonly VmPreview[],
): readonly Prerequisite[] {
  const enabled = new Set(vms.filter(({ verdict }) => verdict === 'enable').map(({ vmId }) => keyOf(vmId)));
  const all = [
    site,
    policy,
    ...(mapping ? [mapping] : []),
    ...drafts.filter(({ id }) => enabled.has(keyOf(id))).flatMap(({ parts }) => parts),
  ];
  return [...new Map(all.map((part) => [keyOf(part.id), part])).values()].sort(
    (first, second) => prerequisiteStageOf(first.spec.kind) - prerequisiteStageOf(second.spec.kind),
  );
}

function quotaChecksOf(scope: SiteScope, drafts: readonly SiteVmDraft[]) {
  const sizeOf = ({ settings }: SiteVmDraft) =>
    settings?.size ? scope.lookup.findSize(scope.target.region, settings.size) : undefined;
  const quotas = checkQuotas(
    scope,
    drafts.flatMap((draft) => sizeOf(draft) ?? []),
  );
  const toCheck = ({ id, name, verdict, message, remedy }: ReadinessCheck): ReadinessCheck => ({
    id,
    name,
    verdict,
    message,
    remedy,
  });
  return {
    checks: quotas.map(toCheck),
    checksOf: (draft: SiteVmDraft): readonly ReadinessCheck[] => {
      const size = sizeOf(draft);
      if (size) return quotas.filter((check) => appliesToSize(check, size)).map(toCheck);
      return draft.settings ? [SIZE_UNKNOWN] : [];
    },
  };
}

const SIZE_UNKNOWN: ReadinessCheck = {
  id: 'PRE-2',
  name: 'Quota',
  verdict: 'manual',
  message: 'The request names no size, so Site Recovery chooses one and the quota cannot be counted.',
  remedy: 'Name a size, or check the free vCPUs of the target subscription.',
};

const mayFail = ({ allowFailedChecks }: SitePrepareRequest, id: string): boolean =>
  allowFailedChecks.includes(id);

const warningsOf = (checks: readonly ReadinessCheck[], request: SitePrepareRequest): readonly Warning[] =>
  checks.flatMap(({ id, name, verdict, message }) => {
    if (verdict === 'warn') return [{ code: id, message: `${name}: ${message}` }];
    return verdict === 'fail' && mayFail(request, id)
      ? [{ code: id, message: `${name}: ${message} The command ignores this failure ("allowFailedChecks").` }]
      : [];
  });

function previewVm(
  scope: SiteScope,
  parts: VaultParts,
  draft: SiteVmDraft,
  requestRefusals: readonly Refusal[],
  checks: readonly ReadinessCheck[],
): VmPreview {
  const { id, machine, itemId, notes } = draft;
  const failed = checksThatRefuse(scope, parts, checks);
  const refusals = [...requestRefusals, ...notes.refusals, ...(itemId === null ? notReady(failed) : [])];
  const verdict =
    refusals.length > 0
      ? 'refused'
      : itemId !== null
        ? 'alreadyEnabled'
        : draft.settings
          ? 'enable'
          : 'refused';
  const warnings =
    verdict === 'enable' ? [...notes.warnings, ...warningsOf(checks, scope.request)] : notes.warnings;
  const isEnabled = verdict === 'enable';
  return {
    vmId: machine?.id ?? id,
    name: machine?.name ?? nameOf(id),
    verdict,
    summary: `${TEXTS[verdict]}${warnings.length === 0 ? '' : `, with warnings: ${codesOf(warnings)}`}.`,
    refusals,
    warnings,
    checks,
    itemId:
      itemId ??
      itemIdOf(
        scope.site?.containerId ?? '',
        itemNameOf(id, scope.lookup.facts.enableCounts[keyOf(id)] ?? 1),
      ),
    settings: isEnabled ? (draft.settings ?? null) : null,
    choices: isEnabled ? notes.choices : [],
    needs: isEnabled
      ? [parts.policy, ...(parts.mapping ? [parts.mapping] : []), ...draft.parts]
          .filter(({ action }) => action === 'create')
          .map((part) => part.id)
      : [],
  };
}

const codesOf = (warnings: readonly Warning[]): string =>
  [...new Set(warnings.map(({ code }) => code))].join(', ');

const TEXTS: Record<VmPreview['verdict'], string> = {
  enable: 'It can be enabled',
  alreadyEnabled: 'It is enabled already',
  refused: 'It is refused',
};

/** A failed check of the site refuses each of its VMs, unless the command names the check. */
const checksThatRefuse = (
  scope: SiteScope,
  parts: VaultParts,
  own: readonly ReadinessCheck[],
): readonly ReadinessCheck[] =>
  [...checksOfSite(scope, parts), ...own].filter(
    ({ id, verdict }) => verdict === 'fail' && id !== 'VAULT-1' && !mayFail(scope.request, id),
  );

function notReady(failed: readonly ReadinessCheck[]): readonly Refusal[] {
  if (failed.length === 0) return [];
  const reasons = failed.map(({ id, name, message, remedy }) =>
    `${id} ${name}: ${message} ${remedy ?? ''}`.trim(),
  );
  const ids = [...new Set(failed.map(({ id }) => id))].join(', ');
  return [
    {
      code: 'NotReady',
      message: `Not ready: ${reasons.join(' ')} To enable it anyway, name ${ids} in "allowFailedChecks".`,
    },
  ];
}
