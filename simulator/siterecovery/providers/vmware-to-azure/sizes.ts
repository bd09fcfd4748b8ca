// Chooses a size of machine in Azure for a machine on premises.

import type { OnPremisesMachine } from '../../configuration-records.ts';
import type { Vault } from '../../vault.ts';
import { suitableSizes, type SizeRequirements } from '../common/target-sizes.ts';

type SizedMachine = Pick<OnPremisesMachine, 'cpus' | 'memoryInMb' | 'disks' | 'nics'>;

export const sizeNeeds = ({ disks, nics }: SizedMachine): SizeRequirements => ({
  dataDisks: disks.length - 1,
  nics: nics.length,
});

/** Returns the smallest size that the machine fits into, else the largest size. */
export function sizeFor(vault: Vault, region: string, machine: SizedMachine): string {
  const sizes = suitableSizes(vault, region, sizeNeeds(machine)).toSorted(
    (left, right) => left.vCpus - right.vCpus || left.memoryInGb - right.memoryInGb,
  );
  const fitting = sizes.find(
    ({ vCpus, memoryInGb }) => vCpus >= machine.cpus && memoryInGb * 1024 >= machine.memoryInMb,
  );
  return (fitting ?? sizes.at(-1))?.name ?? '';
}
