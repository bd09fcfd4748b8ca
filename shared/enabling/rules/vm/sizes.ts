// The size on the target side: the same, else the closest that the region sells to the subscription.
import { sameId } from '../../../siterecovery/item.ts';
import type { SizeFacts, SourceVm } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { choose, listed, refuse, warn, type Notes } from '../notes.ts';

export interface SizeNeeds {
  readonly nics: number;
  readonly dataDisks: number;
  readonly premium: boolean;
  readonly generation: string | null;
  readonly zone: string | null;
}

/** Why a size cannot be had for this; undefined when it can. */
export function misfit(size: SizeFacts | undefined, needs: SizeNeeds): string | undefined {
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

/** What is lost weighs double what is had in excess. */
const apart = (had: number, wanted: number): number => {
  const doublings = Math.log2(Math.max(had, 0.1) / Math.max(wanted, 0.1));
  return doublings < 0 ? -2 * doublings : doublings;
};

function distance(size: SizeFacts, like: SizeFacts): number {
  return (
    apart(size.vcpus, like.vcpus) +
    apart(size.memoryGb, like.memoryGb) +
    (size.premiumStorage === like.premiumStorage ? 0 : 1) +
    0.1 * apart(size.nics, like.nics) +
    (sameId(size.family, like.family) ? 0 : 0.01)
  );
}

/** Those that fit, the closest first. */
function fitting(ground: Ground, like: SizeFacts | undefined, needs: SizeNeeds): readonly SizeFacts[] {
  return ground.once(`fitting ${like ? `${like.region}/${like.name}` : ''} ${JSON.stringify(needs)}`, () => {
    const all = ground.look.sizesIn(ground.target.region).filter((size) => misfit(size, needs) === undefined);
    if (!like) return all;
    return all
      .map((size) => ({ size, far: distance(size, like) }))
      .sort((a, b) => a.far - b.far)
      .map(({ size }) => size);
  });
}

const inWords = ({ vcpus, memoryGb, premiumStorage, nics }: SizeFacts): string =>
  `${vcpus} vCPUs, ${memoryGb} GB memory, ${premiumStorage ? '' : 'no '}premium storage, ` +
  `${nics} network interfaces`;

/** Of a size that a person names: what the VM has less of than now. */
function lessThan(size: SizeFacts, like: SizeFacts | undefined): string {
  if (!like || (size.vcpus >= like.vcpus && size.memoryGb >= like.memoryGb)) return '';
  return (
    ` It is smaller than the source's size ${like.name}: ${size.vcpus} of ${like.vcpus} ` +
    `vCPUs, ${size.memoryGb} of ${like.memoryGb} GB memory.`
  );
}

export interface SizeChoice {
  readonly size: SizeFacts;
  readonly isSource: boolean;
}

export function chooseSize(
  ground: Ground,
  vm: SourceVm,
  wished: string | undefined,
  needs: SizeNeeds,
  notes: Notes,
): SizeChoice | false {
  const { look, target, source } = ground;
  const like = look.size(source.region, vm.size) ?? look.size(target.region, vm.size);
  const possible = (): string =>
    listed(
      fitting(ground, like, needs)
        .slice(0, 8)
        .map(({ name }) => name),
    );
  const name = wished ?? vm.size;
  const there = look.size(target.region, name);
  const wrong = misfit(there, needs);
  if (there && wrong === undefined) {
    const isSource = sameId(there.name, vm.size);
    choose(
      notes,
      'size',
      there.name,
      isSource
        ? `It is the source's size, and ${target.region} has it.`
        : `It was asked for.${lessThan(there, like)}`,
    );
    warnOfNetworking(vm, there, notes);
    return { size: there, isSource };
  }
  if (wished !== undefined)
    return refuse(
      notes,
      'SizeNotThere',
      `The size ${wished} cannot be had in ${target.region}: ${wrong ?? ''}. Name one of: ${possible()}.`,
    );
  if (!like)
    return refuse(
      notes,
      'SizeUnknown',
      `The size ${vm.size} of the VM is not known in ${source.region} or ${target.region}, so ` +
        `none can be found that is close to it. Name one: ${possible()}.`,
    );
  const [closest] = fitting(ground, like, needs);
  if (!closest)
    return refuse(
      notes,
      'NoSize',
      `In ${target.region} the subscription ${target.subscription} can have no size that fits ` +
        `the VM: ${vm.size} not, because ${wrong ?? ''}. Ask Azure support for access to a size ` +
        'there, or choose another region or zone.',
    );
  choose(
    notes,
    'size',
    closest.name,
    `The source's size ${vm.size} (${inWords(like)}) cannot be had in ${target.region}: ` +
      `${wrong ?? ''}. This is the closest that can: ${inWords(closest)}.`,
  );
  warnOfNetworking(vm, closest, notes);
  return { size: closest, isSource: false };
}

function warnOfNetworking(vm: SourceVm, size: SizeFacts, notes: Notes): void {
  if (!size.acceleratedNetworking && vm.nics.some(({ acceleratedNetworking }) => acceleratedNetworking)) {
    warn(
      notes,
      'NoAcceleratedNetworking',
      `The size ${size.name} has no accelerated networking in the target region; the VM has it now.`,
    );
  }
}
