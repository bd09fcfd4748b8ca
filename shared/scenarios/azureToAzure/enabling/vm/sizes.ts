// Chooses the size of a VM on the target side: the same size, or else the closest available size.
// Pure.
import { sameId } from '../../../../siterecovery/item.ts';
import type { SizeFacts, SourceVm } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { recordChoice, suggestOneOf, refuse, warn, type Notes } from '../../../enabling/notes.ts';

/** The requirements of a VM for its size. */
export interface SizeNeeds {
  readonly nics: number;
  readonly dataDisks: number;
  readonly premium: boolean;
  readonly generation: string | null;
  readonly zone: string | null;
}

/** The reason why a size does not fit; undefined when it fits. */
export function sizeProblemOf(size: SizeFacts | undefined, needs: SizeNeeds): string | undefined {
  if (!size) return 'it is not sold there';
  if (size.restricted) return 'the target subscription may not have it there';
  if (needs.zone !== null && !size.zones.includes(needs.zone))
    return `it is not sold in zone ${needs.zone} there`;
  if (size.nics < needs.nics) return `it takes ${size.nics} network interfaces and the VM has ${needs.nics}`;
  if (size.dataDisks < needs.dataDisks)
    return `it takes ${size.dataDisks} data disks and ${needs.dataDisks} are replicated`;
  if (needs.premium && !size.premiumStorage) return 'it takes no premium disks';
  if (
    needs.generation !== null &&
    size.generations.length > 0 &&
    !size.generations.includes(needs.generation)
  )
    return `it does not take VMs of generation ${needs.generation}`;
  return undefined;
}

/** A loss counts twice as much as a surplus. */
const weightedRatio = (offered: number, wanted: number): number => {
  const logRatio = Math.log2(Math.max(offered, 0.1) / Math.max(wanted, 0.1));
  return logRatio < 0 ? -2 * logRatio : logRatio;
};

function sizeDistance(size: SizeFacts, sourceSize: SizeFacts): number {
  return (
    weightedRatio(size.vcpus, sourceSize.vcpus) +
    weightedRatio(size.memoryGb, sourceSize.memoryGb) +
    (size.premiumStorage === sourceSize.premiumStorage ? 0 : 1) +
    0.1 * weightedRatio(size.nics, sourceSize.nics) +
    (sameId(size.family, sourceSize.family) ? 0 : 0.01)
  );
}

/** The fitting sizes, the closest first. */
function fittingSizes(
  scope: RequestScope,
  sourceSize: SizeFacts | undefined,
  needs: SizeNeeds,
): readonly SizeFacts[] {
  return scope.computeOnce(
    `fitting ${sourceSize ? `${sourceSize.region}/${sourceSize.name}` : ''} ${JSON.stringify(needs)}`,
    () => {
      const candidates = scope.lookup
        .sizesIn(scope.target.region)
        .filter((size) => sizeProblemOf(size, needs) === undefined);
      if (!sourceSize) return candidates;
      return candidates
        .map((size) => ({ size, distance: sizeDistance(size, sourceSize) }))
        .sort((first, second) => first.distance - second.distance)
        .map(({ size }) => size);
    },
  );
}

const describeSize = ({ vcpus, memoryGb, premiumStorage, nics }: SizeFacts): string =>
  `${vcpus} vCPUs, ${memoryGb} GB memory, ${premiumStorage ? '' : 'no '}premium storage, ` +
  `${nics} network interfaces`;

/** For a requested size: the losses in comparison with the present size. */
function smallerSizeNote(size: SizeFacts, sourceSize: SizeFacts | undefined): string {
  if (!sourceSize || (size.vcpus >= sourceSize.vcpus && size.memoryGb >= sourceSize.memoryGb)) return '';
  return (
    ` It is smaller than the source's size ${sourceSize.name}: ${size.vcpus} of ${sourceSize.vcpus} ` +
    `vCPUs, ${size.memoryGb} of ${sourceSize.memoryGb} GB memory.`
  );
}

/** The chosen size. */
export interface SizeChoice {
  readonly size: SizeFacts;
  readonly isSource: boolean;
}

/** Chooses the size of a VM. False after a refusal. */
export function chooseSize(
  scope: RequestScope,
  vm: SourceVm,
  requested: string | undefined,
  needs: SizeNeeds,
  notes: Notes,
): SizeChoice | false {
  const { lookup, target, source } = scope;
  const sourceSize = lookup.findSize(source.region, vm.size) ?? lookup.findSize(target.region, vm.size);
  const suggestion = (): string =>
    suggestOneOf(
      fittingSizes(scope, sourceSize, needs)
        .slice(0, 8)
        .map(({ name }) => name),
    );
  const name = requested ?? vm.size;
  const existing = lookup.findSize(target.region, name);
  const problem = sizeProblemOf(existing, needs);
  if (existing && problem === undefined) {
    const isSource = sameId(existing.name, vm.size);
    recordChoice(
      notes,
      'size',
      existing.name,
      isSource
        ? `It is the source's size, and ${target.region} has it.`
        : `It was asked for.${smallerSizeNote(existing, sourceSize)}`,
    );
    warnOfMissingAcceleration(vm, existing, notes);
    return { size: existing, isSource };
  }
  if (requested !== undefined)
    return refuse(
      notes,
      'SizeNotThere',
      `The size ${requested} cannot be had in ${target.region}: ${problem ?? ''}. ${suggestion()}`,
    );
  if (!sourceSize)
    return refuse(
      notes,
      'SizeUnknown',
      `The size ${vm.size} of the VM is not known in ${source.region} or ${target.region}, so ` +
        `none can be found that is close to it. ${suggestion()}`,
    );
  const [closest] = fittingSizes(scope, sourceSize, needs);
  if (!closest)
    return refuse(
      notes,
      'NoSize',
      `In ${target.region} the subscription ${target.subscription} can have no size that fits ` +
        `the VM: ${vm.size} not, because ${problem ?? ''}. Ask Azure support for access to a size ` +
        'there, or choose another region or zone.',
    );
  recordChoice(
    notes,
    'size',
    closest.name,
    `The source's size ${vm.size} (${describeSize(sourceSize)}) cannot be had in ${target.region}: ` +
      `${problem ?? ''}. This is the closest that can: ${describeSize(closest)}.`,
  );
  warnOfMissingAcceleration(vm, closest, notes);
  return { size: closest, isSource: false };
}

function warnOfMissingAcceleration(vm: SourceVm, size: SizeFacts, notes: Notes): void {
  if (!size.acceleratedNetworking && vm.nics.some(({ acceleratedNetworking }) => acceleratedNetworking)) {
    warn(
      notes,
      'NoAcceleratedNetworking',
      `The size ${size.name} has no accelerated networking in the target region; the VM has it now.`,
    );
  }
}
