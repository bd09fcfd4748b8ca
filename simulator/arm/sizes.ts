// The virtual machine sizes that the simulator sells.

/** A size of virtual machines. */
export interface VmSize {
  readonly name: string;
  readonly family: string;
  readonly vCpus: number;
  readonly memoryInGb: number;
  readonly premiumStorage: boolean;
  readonly nics: number;
  readonly dataDisks: number;
  readonly generations: string;
}

type VmSizeRow = readonly [
  name: string,
  family: string,
  vCpus: number,
  memoryInGb: number,
  nics: number,
  dataDisks: number,
];

const PREMIUM_SIZES: readonly VmSizeRow[] = [
  ['Standard_B2ms', 'standardBSFamily', 2, 8, 3, 4],
  ['Standard_B4ms', 'standardBSFamily', 4, 16, 4, 8],
  ['Standard_DS2_v2', 'standardDSv2Family', 2, 7, 2, 8],
  ['Standard_DS3_v2', 'standardDSv2Family', 4, 14, 4, 16],
  ['Standard_D2s_v3', 'standardDSv3Family', 2, 8, 2, 4],
  ['Standard_D4s_v3', 'standardDSv3Family', 4, 16, 2, 8],
  ['Standard_D2s_v4', 'standardDSv4Family', 2, 8, 2, 4],
  ['Standard_D4s_v4', 'standardDSv4Family', 4, 16, 2, 8],
  ['Standard_D2s_v5', 'standardDSv5Family', 2, 8, 2, 4],
  ['Standard_D4s_v5', 'standardDSv5Family', 4, 16, 2, 8],
  ['Standard_D8s_v5', 'standardDSv5Family', 8, 32, 4, 16],
  ['Standard_D16s_v5', 'standardDSv5Family', 16, 64, 8, 32],
  ['Standard_D2as_v5', 'standardDASv5Family', 2, 8, 2, 4],
  ['Standard_D4as_v5', 'standardDASv5Family', 4, 16, 2, 8],
  ['Standard_E4s_v5', 'standardESv5Family', 4, 32, 2, 8],
  ['Standard_E8s_v5', 'standardESv5Family', 8, 64, 4, 16],
  ['Standard_E16s_v5', 'standardESv5Family', 16, 128, 8, 32],
  ['Standard_E8as_v5', 'standardEASv5Family', 8, 64, 4, 16],
  ['Standard_F4s_v2', 'standardFSv2Family', 4, 8, 2, 8],
  ['Standard_F8s_v2', 'standardFSv2Family', 8, 16, 4, 16],
  ['Standard_L8s_v3', 'standardLSv3Family', 8, 64, 4, 16],
  ['Standard_M64s', 'standardMSFamily', 64, 1024, 8, 64],
];

const STANDARD_SIZES: readonly VmSizeRow[] = [
  ['Standard_D2_v2', 'standardDv2Family', 2, 7, 2, 8],
  ['Standard_D2_v5', 'standardDv5Family', 2, 8, 2, 4],
  ['Standard_D4_v5', 'standardDv5Family', 4, 16, 2, 8],
];

const toVmSize =
  (premiumStorage: boolean) =>
  ([name, family, vCpus, memoryInGb, nics, dataDisks]: VmSizeRow): VmSize => ({
    name,
    family,
    vCpus,
    memoryInGb,
    premiumStorage,
    nics,
    dataDisks,
    generations: /v[2345]$/.test(name) ? 'V1,V2' : 'V1',
  });

/** All sizes. */
export const SIZES: readonly VmSize[] = [
  ...PREMIUM_SIZES.map(toVmSize(true)),
  ...STANDARD_SIZES.map(toVmSize(false)),
];

const SIZES_BY_NAME = new Map(SIZES.map((size) => [size.name.toLowerCase(), size]));

/** Finds a size by its name, ignoring case. */
export const findSize = (name: string): VmSize | undefined => SIZES_BY_NAME.get(name.toLowerCase());

export const SIZE_FAMILIES: readonly string[] = [...new Set(SIZES.map(({ family }) => family))];
