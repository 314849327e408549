/**
 * The requirements that the product speaks to, by the ids that their authors gave them: PCI DSS v4.0.1 (requirements 7, 8
 * and 10), HIPAA (45 CFR 164.308 and 164.312), GDPR (articles 25, 30 and 32), SOC 2 (CC6 to CC8) and the tenets of NIST
 * SP 800-207. What a detection touches and what a check proves are both named by these, so that they meet.
 */
export const frameworks = [
  { id: 'pci-dss', name: 'PCI DSS v4.0.1', begins: 'PCI DSS ' },
  { id: 'hipaa', name: 'HIPAA Security Rule', begins: 'HIPAA ' },
  { id: 'gdpr', name: 'GDPR', begins: 'GDPR ' },
  { id: 'soc-2', name: 'SOC 2', begins: 'SOC 2 ' },
  { id: 'nist-800-207', name: 'NIST SP 800-207', begins: 'NIST SP 800-207 ' },
] as const
export type FrameworkId = (typeof frameworks)[number]['id']

export const controlRefs = [
  'PCI DSS 7.2.1',
  'PCI DSS 7.2.2',
  'PCI DSS 7.2.3',
  'PCI DSS 7.2.4',
  'PCI DSS 7.2.5',
  'PCI DSS 7.2.5.1',
  'PCI DSS 7.3.1',
  'PCI DSS 7.3.2',
  'PCI DSS 7.3.3',
  'PCI DSS 8.2.1',
  'PCI DSS 8.2.2',
  'PCI DSS 8.2.4',
  'PCI DSS 8.2.5',
  'PCI DSS 8.2.6',
  'PCI DSS 8.2.8',
  'PCI DSS 8.4.1',
  'PCI DSS 8.4.2',
  'PCI DSS 8.4.3',
  'PCI DSS 8.5.1',
  'PCI DSS 8.6.1',
  'PCI DSS 8.6.2',
  'PCI DSS 8.6.3',
  'PCI DSS 10.2.1',
  'PCI DSS 10.2.2',
  'PCI DSS 10.3.1',
  'PCI DSS 10.3.2',
  'PCI DSS 10.3.3',
  'PCI DSS 10.3.4',
  'PCI DSS 10.4.1',
  'PCI DSS 10.4.3',
  'PCI DSS 10.5.1',
  'PCI DSS 10.6.1',
  'PCI DSS 10.7.2',
  'PCI DSS 10.7.3',
  'HIPAA 164.308(a)(1)(ii)(D)',
  'HIPAA 164.308(a)(3)(ii)(C)',
  'HIPAA 164.312(a)(1)',
  'HIPAA 164.312(a)(2)(i)',
  'HIPAA 164.312(a)(2)(ii)',
  'HIPAA 164.312(a)(2)(iii)',
  'HIPAA 164.312(a)(2)(iv)',
  'HIPAA 164.312(b)',
  'HIPAA 164.312(c)(1)',
  'HIPAA 164.312(c)(2)',
  'HIPAA 164.312(d)',
  'HIPAA 164.312(e)(1)',
  'HIPAA 164.312(e)(2)(i)',
  'HIPAA 164.312(e)(2)(ii)',
  'GDPR Article 25',
  'GDPR Article 30',
  'GDPR Article 32',
  'SOC 2 CC6.1',
  'SOC 2 CC6.2',
  'SOC 2 CC6.3',
  'SOC 2 CC6.6',
  'SOC 2 CC6.7',
  'SOC 2 CC6.8',
  'SOC 2 CC7.1',
  'SOC 2 CC7.2',
  'SOC 2 CC7.3',
  'SOC 2 CC7.4',
  'SOC 2 CC7.5',
  'SOC 2 CC8.1',
  'NIST SP 800-207 tenet 1',
  'NIST SP 800-207 tenet 2',
  'NIST SP 800-207 tenet 3',
  'NIST SP 800-207 tenet 4',
  'NIST SP 800-207 tenet 5',
  'NIST SP 800-207 tenet 6',
  'NIST SP 800-207 tenet 7',
] as const
export type ControlRef = (typeof controlRefs)[number]

/** `PCI DSS 8.2.6` as it stands in addresses: `pci-dss-8.2.6`. */
export const controlId = (ref: string): string =>
  ref
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replace(/-$/, '')
