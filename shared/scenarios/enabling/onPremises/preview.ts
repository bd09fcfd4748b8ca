// Builds the preview of a request for machines on premises from the decisions about each VM. Pure.
import type { SiteMachine } from '../../../azure/facts.ts';
import { nameOf } from '../../../core/armId.ts';
import type { Prerequisite } from '../../../azure/prerequisite.ts';
import { prerequisiteStageOf } from '../../../azure/prerequisite.ts';
import type { Refusal } from '../../../core/refusal.ts';
import type { Scenario } from '../../../core/scenario.ts';
import type { Warning } from '../../../core/warning.ts';
import type { VmSettings } from '../../../siterecovery/vmSettings.ts';
import { keyOf } from '../lookup.ts';
import type { Notes } from '../notes.ts';
import type { EnablingPreview, ReadinessCheck, VmPreview } from '../preview.ts';
import { checkQuotas, appliesToSize } from '../quotaChecks.ts';
import { itemIdOf, itemNameOf } from '../resourceNames.ts';
import type { OnPremisesScope } from './target.ts';

/** The decisions about one VM. `settings` is missing after a refusal. */
export interface MachineDraft {
  readonly id: string;
  readonly machine: SiteMachine | undefined;
  readonly itemId: string | null;
  readonly notes: Notes;
  readonly parts: readonly Prerequisite[];
  readonly settings: VmSettings | undefined;
}

/** All decisions about a request. */
export interface OnPremisesDecisions {
  readonly scenario: Scenario;
  readonly scope: OnPremisesScope;
  readonly vaultId: string;
  /** Null while the vault does not show the container. */
  readonly containerId: string | null;
  /** The prerequisites in the vault. */
  readonly vaultParts: readonly Prerequisite[];
  /** The prerequisites in the vault that every VM needs first. */
  readonly partsOfVms: readonly Prerequisite[];
  readonly drafts: readonly MachineDraft[];
  readonly refusals: readonly Refusal[];
  /** The checks of the whole request, without the quota. */
  readonly checks: readonly ReadinessCheck[];
  readonly checksOfMachine: (machine: SiteMachine | undefined) => readonly ReadinessCheck[];
  readonly allowFailedChecks: readonly string[];
}

/** Builds the preview from the decisions. */
export function previewOf(decisions: OnPremisesDecisions): EnablingPreview {
  const { scenario, scope, vaultId, drafts, refusals, checksOfMachine } = decisions;
  const quotas = quotaChecksOf(scope, drafts);
  const checks = [...decisions.checks, ...quotas.checks];
  const vms = drafts.map((draft) =>
    previewVm(decisions, draft, [...checksOfMachine(draft.machine), ...quotas.checksOf(draft)]),
  );
  return {
    scenario,
    vault: { id: scope.vault?.id ?? vaultId, name: nameOf(vaultId), region: scope.target.region },
    source: { region: '', subscription: '' },
    target: scope.target,
    prerequisites: refusals.length > 0 ? [] : neededParts(decisions, vms),
    vms,
    refusals,
    warnings: warningsOf(checks, decisions),
    checks,
  };
}

/** The prerequisites of the vault, and of the VMs that the preview will enable. */
function neededParts(
  { vaultParts, drafts }: OnPremisesDecisions,
  vms: readonly VmPreview[],
): readonly Prerequisite[] {
  const enabled = new Set(vms.filter(({ verdict }) => verdict === 'enable').map(({ vmId }) => keyOf(vmId)));
  const all = [
    ...vaultParts,
    ...drafts
      .filter(({ id, machine }) => enabled.has(keyOf(machine?.id ?? id)))
      .flatMap(({ parts }) => parts),
  ];
  return [...new Map(all.map((part) => [keyOf(part.id), part])).values()].sort(
    (first, second) => prerequisiteStageOf(first.spec.kind) - prerequisiteStageOf(second.spec.kind),
  );
}

function quotaChecksOf(scope: OnPremisesScope, drafts: readonly MachineDraft[]) {
  const sizeOf = ({ settings }: MachineDraft) =>
    settings?.size ? scope.lookup.findSize(scope.target.region, settings.size) : undefined;
  const quotas = checkQuotas(
    { ...scope, request: { vms: drafts.map(({ id, machine }) => machine?.id ?? id) } },
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
    checksOf: (draft: MachineDraft): readonly ReadinessCheck[] => {
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

type Allowed = Pick<OnPremisesDecisions, 'allowFailedChecks'>;
const mayFail = ({ allowFailedChecks }: Allowed, id: string): boolean => allowFailedChecks.includes(id);

const warningsOf = (checks: readonly ReadinessCheck[], allowed: Allowed): readonly Warning[] =>
  checks.flatMap(({ id, name, verdict, message }) => {
    if (verdict === 'warn') return [{ code: id, message: `${name}: ${message}` }];
    return verdict === 'fail' && mayFail(allowed, id)
      ? [{ code: id, message: `${name}: ${message} The command ignores this failure ("allowFailedChecks").` }]
      : [];
  });

function previewVm(
  decisions: OnPremisesDecisions,
  draft: MachineDraft,
  checks: readonly ReadinessCheck[],
): VmPreview {
  const { scope, containerId, partsOfVms } = decisions;
  const { machine, itemId, notes } = draft;
  const id = machine?.id ?? draft.id;
  const failed = checksThatRefuse(decisions, checks);
  const refusals = [...decisions.refusals, ...notes.refusals, ...(itemId === null ? notReady(failed) : [])];
  const verdict =
    refusals.length > 0
      ? 'refused'
      : itemId !== null
        ? 'alreadyEnabled'
        : draft.settings
          ? 'enable'
          : 'refused';
  const warnings =
    verdict === 'enable' ? [...notes.warnings, ...warningsOf(checks, decisions)] : notes.warnings;
  const isEnabled = verdict === 'enable';
  return {
    vmId: id,
    name: machine?.name ?? nameOf(id),
    verdict,
    summary: `${TEXTS[verdict]}${warnings.length === 0 ? '' : `, with warnings: ${codesOf(warnings)}`}.`,
    refusals,
    warnings,
    checks,
    itemId:
      itemId ?? itemIdOf(containerId ?? '', itemNameOf(id, scope.lookup.facts.enableCounts[keyOf(id)] ?? 1)),
    settings: isEnabled ? (draft.settings ?? null) : null,
    choices: isEnabled ? notes.choices : [],
    needs: isEnabled
      ? [...partsOfVms, ...draft.parts].filter(({ action }) => action === 'create').map((part) => part.id)
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
  decisions: OnPremisesDecisions,
  own: readonly ReadinessCheck[],
): readonly ReadinessCheck[] =>
  [...decisions.checks, ...own].filter(
    ({ id, verdict }) => verdict === 'fail' && id !== 'VAULT-1' && !mayFail(decisions, id),
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
