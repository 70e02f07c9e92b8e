#!/usr/bin/env node
// The second opinion: one simulation a line in, one answer a line out, in the same order.
// Uses nothing but what the package @cloud-copilot/iam-simulate exports.
import { createInterface } from 'node:readline'
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'

async function answer(simulation) {
  if (simulation.request.principal === 'anonymous') simulation.request.principal = anonymousPrincipal
  const result = await runSimulation(simulation, { simulationMode: 'Strict' })
  if (result.resultType === 'error') return { error: JSON.stringify(result.errors) }
  return { verdict: result.overallResult, ignored: result.result?.ignoredContextKeys ?? [] }
}

process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
for await (const text of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  let out
  try {
    out = await answer(JSON.parse(text))
  } catch (error) {
    out = { error: String(error?.message ?? error) }
  }
  process.stdout.write(JSON.stringify(out) + '\n')
}
