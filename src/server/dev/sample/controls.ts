import { updateControl } from '../../features/compliance/service.ts'
import type { Company } from './company.ts'
import type { Stage } from './stage.ts'

const day = 86_400_000

/** Who answers for which control, and what was noted: the quarter’s preparation for the assessor. */
const told: readonly (readonly [control: string, owner: string, daysAgo: number, note: string])[] =
  [
    [
      'pci-dss-7.2.4',
      'Lin Zhao',
      24,
      'Reviewed with the leads every quarter. The minutes lie with Internal audit, folder PCI 2026.',
    ],
    ['pci-dss-8.2.6', 'Mirela Popescu', 24, ''],
    [
      'pci-dss-8.2.8',
      'Ada Okafor',
      21,
      'Thirty minutes were agreed with the assessor while the console is reached from managed laptops alone.',
    ],
    [
      'pci-dss-10.3.3',
      'Grace Mbeki',
      20,
      'Evidence packs go to the write-once bucket of Internal audit each Monday.',
    ],
    ['pci-dss-10.6.1', 'Grace Mbeki', 20, 'All hosts follow the chrony pair of the platform team.'],
    ['soc-2-cc7.5', 'Grace Mbeki', 12, 'Restored from backup on 3 November, in 42 minutes.'],
    [
      'gdpr-article-30',
      'Noor Haddad',
      12,
      'The record of processing is kept by the data protection office.',
    ],
  ]

/** Acted out by whoever may, within the days that the history has. */
export async function playControls(
  stage: Stage,
  company: Company,
  now: Date,
  days: number,
): Promise<void> {
  for (const [controlId, owner, daysAgo, note] of told) {
    const ownerId = company.people.get(owner)
    if (!ownerId) throw new Error(`the sample company has no ${owner}`)
    await stage.act({
      by: 'Ada Okafor',
      at: new Date(now.getTime() - Math.min(daysAgo, days - 1) * day),
      action: 'compliance.update',
      may: 'compliance:update',
      version: 1,
      work: (scope) => updateControl(scope, { controlId, ownerId, ...(note && { note }) }),
    })
  }
}
