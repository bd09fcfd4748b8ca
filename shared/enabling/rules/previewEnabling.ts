// The whole preview: each VM for itself first, then what they do to each other, then what must be
// there for those that remain.
import { isAboutVault } from './request/places.ts';
import { enablingDriverFor } from '../../scenarios/drivers.ts';
import { layBase, preparedParts, type Base } from './prerequisites/base.ts';
import { checkClassicQuota } from './vm/classic.ts';
import { collectParts, NOTHING } from './prerequisites/collect.ts';
import type { Facts } from '../../azure/facts.ts';
import { layGround, type Ground } from './request/scope.ts';
import { key } from './lookup.ts';
import { draftFor, draftName, mayFail, type Draft } from './vm/machine.ts';
import { wholeManualChecks } from './checks/manual.ts';
import { judgeMembers, warningsOf } from './vm/multiVm.ts';
import { itemIdOf, itemNameOf } from './prerequisites/names.ts';
import type { Warning } from '../../core/warning.ts';
import { warn, type Notes } from './notes.ts';
import type { Check, Preview, VmPreview } from './preview.ts';
import type { Refusal } from '../../core/refusal.ts';
import { checkQuotas, concerns } from './checks/quota.ts';
import type { PrepareWish } from './request/request.ts';

export function previewEnabling(facts: Facts, wish: PrepareWish): Preview {
  const { ground, notes } = layGround(facts, wish);
  const base = layBase(ground, notes);
  const drafts = wish.vms.map((one) => draftFor(ground, base, one));
  judgeGroup(base, ground, drafts);
  const quotas = judgeQuotas(ground, drafts);
  const prepared = wish.vms.length === 0 ? preparedParts(ground, base) : undefined;
  notes.refusals.push(...(prepared?.notes.refusals ?? []));
  const refusals = notes.refusals;
  const collected =
    refusals.length > 0
      ? NOTHING
      : collectParts(
          ground,
          base,
          drafts.filter((draft) => isToBeEnabled(ground, draft)),
          prepared?.parts ?? [],
        );
  const { source, target, vault } = ground;
  return {
    scenario: enablingDriverFor(wish.goal).name,
    vault: { id: vault.id, name: vault.name, region: vault.region },
    source,
    target,
    parts: collected.parts,
    vms: drafts.map((draft) =>
      refusals.length > 0
        ? refusedWith(ground, base, draft, refusals)
        : previewOf(ground, base, draft, collected.mappingsOf(draft)),
    ),
    refusals,
    warnings: [
      ...notes.warnings,
      ...collected.warnings,
      ...(base.multiVm ? warningsOf(base.multiVm) : []),
      ...warningsIn(ground, quotas),
    ],
    checks: [...vaultChecks(ground, notes), ...quotas, ...wholeManualChecks(ground)],
  };
}

const failing = (ground: Ground, { checks }: Pick<Draft, 'checks'>): readonly Check[] =>
  // What these find refuses by codes of its own.
  checks.filter(
    ({ id, verdict }) => verdict === 'fail' && id !== 'PRE-8' && id !== 'PRE-10' && !mayFail(ground, id),
  );

const isToBeEnabled = (ground: Ground, draft: Draft): boolean =>
  draft.plan !== undefined &&
  draft.item === undefined &&
  draft.notes.refusals.length === 0 &&
  failing(ground, draft).length === 0;

function judgeGroup({ multiVm }: Base, ground: Ground, drafts: readonly Draft[]): void {
  if (!multiVm) return;
  const joining = drafts.filter((draft) => isToBeEnabled(ground, draft));
  const tooLarge = judgeMembers(multiVm, joining.length);
  if (tooLarge) for (const { notes } of joining) notes.refusals.push(tooLarge);
  for (const { item, notes } of drafts) {
    if (item && item.multiVmGroupName?.toLowerCase() !== multiVm.name.toLowerCase())
      warn(
        notes,
        'StaysInItsGroup',
        `It is enabled already, ${inGroup(item.multiVmGroupName)}, ` +
          'and stays so. To change that, disable replication and enable it again.',
      );
  }
}

const inGroup = (name: string | null): string =>
  name === null ? 'in no multi-VM group' : `in the multi-VM group "${name}"`;

/** All that would otherwise be enabled count together, and those that use what is short bear it together. */
function judgeQuotas(ground: Ground, drafts: readonly Draft[]): readonly Check[] {
  const coming = drafts.filter((draft) => isToBeEnabled(ground, draft));
  const counted = coming.flatMap((draft) =>
    draft.plan && draft.vm?.model !== 'classic' ? [{ draft, size: draft.plan.size.size }] : [],
  );
  const quotas = checkQuotas(
    ground,
    counted.map(({ size }) => size),
  );
  for (const { draft, size } of counted)
    draft.checks.push(...quotas.filter((one) => concerns(one, size)).map(asCheck));
  return [...quotas.map(asCheck), ...(counted.length < coming.length ? [checkClassicQuota] : [])];
}

const asCheck = ({ id, name, verdict, message, remedy }: Check): Check => ({
  id,
  name,
  verdict,
  message,
  remedy,
});

function vaultChecks({ vault, target }: Ground, { refusals, warnings }: Notes): readonly Check[] {
  const wrong = refusals.filter(isAboutVault);
  const about = warnings.filter(isAboutVault);
  const base = { id: 'VAULT-1', name: 'Region of the vault' };
  const [bad] = wrong;
  if (bad)
    return [{ ...base, verdict: 'fail', message: bad.message, remedy: `Name a vault in ${target.region}.` }];
  const [doubt] = about;
  return [
    doubt
      ? {
          ...base,
          verdict: 'warn',
          message: doubt.message,
          remedy: `Name a vault in ${target.region}, if that can be.`,
        }
      : {
          ...base,
          verdict: 'pass',
          message: `The vault ${vault.name} is in the target region ${target.region}.`,
          remedy: null,
        },
  ];
}

/** Checks that the doing goes ahead in spite of, by the ids of the checks. */
const warningsIn = (ground: Ground, checks: readonly Check[]): readonly Warning[] =>
  checks.flatMap(({ id, name, verdict, message }) => {
    if (verdict === 'warn') return [{ code: id, message: `${name}: ${message}` }];
    return verdict === 'fail' && mayFail(ground, id)
      ? [
          {
            code: id,
            message: `${name}: ${message} The command goes ahead in spite of it ("allowFailedChecks").`,
          },
        ]
      : [];
  });

const VERDICTS: Record<VmPreview['verdict'], string> = {
  enable: 'It can be enabled',
  alreadyEnabled: 'It is enabled already',
  refused: 'It is refused',
};
const summaryOf = (verdict: VmPreview['verdict'], warnings: readonly Warning[]): string =>
  warnings.length === 0
    ? `${VERDICTS[verdict]}.`
    : `${VERDICTS[verdict]}, with ${warnings.length} ` +
      `warning${warnings.length === 1 ? '' : 's'}: ` +
      `${[...new Set(warnings.map(({ code }) => code))].join(', ')}.`;

/** What is wrong with the whole is wrong with each; its checks are told all the same. */
function refusedWith(ground: Ground, base: Base, draft: Draft, refusals: readonly Refusal[]): VmPreview {
  const { vm, wish, checks } = draft;
  return {
    vmId: vm?.id ?? wish.id,
    name: draftName(draft),
    verdict: 'refused',
    summary: summaryOf('refused', []),
    refusals,
    warnings: [],
    checks,
    itemId: itemIdFor(ground, base, wish.id),
    settings: null,
    choices: [],
    needs: [],
  };
}

const itemIdFor = ({ look }: Ground, base: Base, vmId: string): string =>
  itemIdOf(base.from.id, itemNameOf(vmId, look.facts.generations[key(vmId)] ?? 1));

function previewOf(ground: Ground, base: Base, draft: Draft, mappings: readonly string[]): VmPreview {
  const { vm, wish, item, notes, checks } = draft;
  const bad = failing(ground, draft);
  const notReady: Refusal[] =
    item || bad.length === 0
      ? []
      : [
          {
            code: 'NotReady',
            message:
              'Not ready: ' +
              `${bad.map((one) => `${one.id} ${one.name}: ${one.message} ${one.remedy ?? ''}`.trim()).join(' ')} ` +
              `To enable it all the same, name ${[...new Set(bad.map(({ id }) => id))].join(', ')} in ` +
              '"allowFailedChecks".',
          },
        ];
  const refusals = [...notes.refusals, ...notReady];
  const enable = isToBeEnabled(ground, draft);
  const verdict = item && refusals.length === 0 ? 'alreadyEnabled' : enable ? 'enable' : 'refused';
  const warnings = [...notes.warnings, ...(enable ? warningsIn(ground, checks) : [])];
  return {
    vmId: vm?.id ?? wish.id,
    name: draftName(draft),
    checks,
    refusals,
    verdict,
    warnings,
    summary: summaryOf(verdict, warnings),
    itemId: item?.id ?? itemIdFor(ground, base, wish.id),
    settings: enable ? (draft.plan?.settings ?? null) : null,
    choices: enable ? notes.choices : [],
    needs: enable ? [...new Set([...notes.parts.map(({ id }) => id), ...mappings])] : [],
  };
}
