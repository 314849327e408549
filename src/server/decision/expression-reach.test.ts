import { expect, test } from 'vitest'
import { namesRef } from './expression-reach.ts'

test.each([
  'pipeline.git.branch == "main"',
  '"main" == pipeline.git.branch',
  'pipeline.git.branch == "main" or pipeline.git.tag starts-with "v"',
  'pipeline.git.branch.is_default',
  'pipeline.git.branch matches /^(main|release\\/[0-9.]+)$/',
  'pipeline.git.branch starts-with "release/"',
  'pipeline.git.branch != "nope" and pipeline.git.branch == "main"',
  'not (pipeline.git.branch != "main")',
  'pipeline.git.branch == "main" and pipeline.trigger.type == "webhook"',
  '(pipeline.trigger.type == "api" and pipeline.git.branch == "main") or pipeline.git.tag == "v1"',
  // A run has a branch or a tag: whoever asks for the other is not told, and denied.
  'pipeline.git.branch == "main" or pipeline.git.tag != "x"',
  'false',
])('%s names the branches and tags that it admits', (text) => {
  expect(namesRef(text)).toBe(true)
})

test.each([
  'pipeline.git.branch != "nope"',
  'pipeline.git.branch != ""',
  'not (pipeline.git.branch == "dev")',
  'pipeline.git.branch matches /.*/',
  'pipeline.git.branch matches /main/',
  'pipeline.git.branch matches /^[a-z]+$/',
  'pipeline.git.branch starts-with ""',
  'pipeline.git.tag != ""',
  'pipeline.git.branch == "main" or pipeline.trigger.type == "api"',
  'pipeline.git.branch == pipeline.git.branch',
  'pipeline.project.slug == "meridian/shop"',
  'not job.ssh.enabled',
  'not pipeline.git.branch.is_default',
  'true',
])('%s admits one that nobody named', (text) => {
  expect(namesRef(text)).toBe(false)
})
