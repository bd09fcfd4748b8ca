// The operating systems that VMware to Azure supports.

const operatingSystem = (osName: string, osType: string, versions: readonly string[]) => ({
  osName,
  osType,
  osVersions: versions.map((version) => ({ version, servicePack: '' })),
});

export const OPERATING_SYSTEMS = [
  operatingSystem('Windows Server', 'Windows', ['2012 R2', '2016', '2019', '2022']),
  operatingSystem('Red Hat Enterprise Linux', 'Linux', ['7', '8', '9']),
  operatingSystem('Ubuntu', 'Linux', ['18.04', '20.04', '22.04']),
  operatingSystem('SUSE Linux Enterprise Server', 'Linux', ['12', '15']),
];
