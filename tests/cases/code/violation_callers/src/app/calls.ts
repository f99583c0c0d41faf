import { lazy, whole as stored, parts, told, throwing, api, Sessions, setStatus } from '@/lib'
import * as all from '../lib/save'

export async function several(id: string) {
  await throwing(id)
  return await api.store(id)
}

export async function page(id: string) {
  // Trap (never-sent): it returns a request, and nobody awaits that
  lazy(id)

  // Trap (ignored-error): its result is not looked at
  await lazy(id)

  // Trap (ignored-error): under another name
  await stored(id)

  // Trap (ignored-error): only the data is taken
  const { data } = await parts(id)

  // Trap (ignored-error): what it returns says whether it went well
  await told(id)

  // Trap (swallowed-error): it throws into a catch that only logs
  try {
    await throwing(id)
  } catch (problem) {
    console.error(problem)
  }

  // Trap (swallowed-error): the same
  throwing(id).catch(console.error)

  // Trap (ignored-error, ignored-error): a method of an object, and of a class
  await api.store(id)
  await Sessions.drop(id)

  // Trap (swallowed-error): a method of an instance
  const sessions = new Sessions()
  try {
    await sessions.remove(id)
  } catch {}

  // Trap (ignored-error, ignored-error): of a whole module, and what it exports by default
  await all.whole(id)
  await setStatus(id)

  // Trap (ignored-error): one of several that run at once
  await Promise.all([told(id), [id].map((one) => one)])

  // Trap (ignored-error, swallowed-error): what it throws is caught, and what it returns is not looked at
  await several(id).catch(() => undefined)

  // Trap (logged-error): the result is looked at, and logged
  const result = await stored(id)
  if (result.error) console.error(result.error)
  return data
}
