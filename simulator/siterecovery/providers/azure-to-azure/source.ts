// The source machine of a replicated item.

import type { Resource } from '../../../arm/resource.ts';

export interface SourceDisk {
  readonly id: string;
  readonly managed: boolean;
  readonly name: string;
  readonly sizeInGb: number;
  readonly accountType: string;
  readonly isSystem: boolean;
}
export interface SourceNic {
  readonly id: string;
  readonly networkId: string;
  readonly addresses: readonly {
    readonly name: string;
    readonly isPrimary: boolean;
    readonly subnetName: string;
    readonly privateAddress: string;
  }[];
}
export interface SourceMachine {
  readonly resource: Resource;
  readonly size: string;
  readonly osType: 'Windows' | 'Linux';
  readonly generation: string;
  readonly disks: readonly SourceDisk[];
  /** The primary interface comes first. */
  readonly nics: readonly SourceNic[];
  readonly availabilitySetId: string | undefined;
  /** The cloud service of a classic machine. Null for any other machine. */
  readonly cloudServiceId: string | null;
}
