// The parts of all VMs that are to be enabled, each once, each after what it needs.
import { nameOf } from '../../../core/armId.ts';
import type { Base } from './base.ts';
import type { Ground } from '../request/scope.ts';
import { key } from '../lookup.ts';
import type { Draft } from '../vm/machine.ts';
import { networkMappingPart } from '../network/network.ts';
import { type Planned, warn } from '../notes.ts';
import type { Warning } from '../../../core/warning.ts';
import { stageOf, type Part } from '../../../azure/prerequisite.ts';

export interface Collected {
  readonly parts: readonly Part[];
  /** The network mapping that a VM's own choice of network rests on, if there is one. */
  readonly mappingsOf: (draft: Draft) => readonly string[];
  readonly warnings: readonly Warning[];
}

export const NOTHING: Collected = { parts: [], mappingsOf: () => [], warnings: [] };

export function collectParts(
  ground: Ground,
  base: Base,
  drafts: readonly Draft[],
  others: readonly Planned[],
): Collected {
  const parts = new Map<string, Planned>();
  const add = (part: Planned): void => {
    if (parts.has(key(part.id))) return;
    part.before.forEach(add);
    parts.set(key(part.id), part);
  };
  others.forEach(add);
  for (const { notes } of drafts) notes.parts.forEach(add);
  if (drafts.length > 0) add(base.back);
  const networks = mapNetworks(ground, drafts);
  networks.parts.forEach(add);
  const sizes = sizesNear(drafts);
  return {
    parts: [...parts.values()]
      .map((part) => plain(part, sizes))
      .sort((a, b) => stageOf(a.spec.kind) - stageOf(b.spec.kind)),
    mappingsOf: ({ plan }) =>
      plan?.network.sourceNetworkId
        ? [networks.mappingFor(plan.network.sourceNetworkId, plan.network.part.id)].flatMap(
            (one) => one ?? [],
          )
        : [],
    warnings: networks.warnings,
  };
}

/** A placement group in a zone must be told which sizes it is for. */
function sizesNear(drafts: readonly Draft[]): ReadonlyMap<string, ReadonlySet<string>> {
  const sizes = new Map<string, Set<string>>();
  for (const { plan } of drafts) {
    const near = plan?.settings.placementGroupId;
    if (!plan || !near) continue;
    const known = sizes.get(key(near)) ?? new Set();
    sizes.set(key(near), known.add(plan.size.size.name));
  }
  return sizes;
}

function plain(
  { id, name, action, reason, needs, spec }: Planned,
  sizes: ReadonlyMap<string, ReadonlySet<string>>,
): Part {
  const own =
    spec.kind === 'placementGroup' && action === 'create' && spec.zone !== null
      ? { ...spec, sizes: [...(sizes.get(key(id)) ?? [])].sort() }
      : spec;
  return { id, name, action, reason, needs, spec: own };
}

/**
 * The first VM of a network, in the order of the wish, says which network is recorded as its
 * counterpart; what the vault has already stands.
 */
function mapNetworks(ground: Ground, drafts: readonly Draft[]) {
  const { source, target } = ground;
  const forward = new Map<string, Planned>();
  const back = new Map<string, Planned>();
  const warnings: Warning[] = [];
  for (const { plan } of drafts) {
    const from = plan?.network.sourceNetworkId ?? null;
    if (!plan || from === null || key(from) === key(plan.network.part.id)) continue;
    const to = plan.network.part;
    if (!forward.has(key(from)))
      forward.set(
        key(from),
        networkMappingPart(
          ground,
          { id: from, region: source.region },
          { id: to.id, region: target.region },
          [to],
        ),
      );
    if (!back.has(key(to.id)))
      back.set(
        key(to.id),
        networkMappingPart(
          ground,
          { id: to.id, region: target.region },
          { id: from, region: source.region },
          [to],
        ),
      );
    const returns = back.get(key(to.id))?.spec;
    if (returns?.kind === 'networkMapping' && key(returns.recoveryNetworkId) !== key(from)) {
      const message =
        `Several networks replicate to ${to.name}; failback of what comes from ${nameOf(from)} ` +
        `goes to ${nameOf(returns.recoveryNetworkId)}, unless another network is named then.`;
      warn({ warnings }, 'NetworksShareTarget', message);
    }
  }
  const mappingFor = (from: string, to: string): string | undefined => {
    const mapping = forward.get(key(from));
    return mapping?.spec.kind === 'networkMapping' && key(mapping.spec.recoveryNetworkId) === key(to)
      ? mapping.id
      : undefined;
  };
  return { parts: [...forward.values(), ...back.values()], mappingFor, warnings };
}
