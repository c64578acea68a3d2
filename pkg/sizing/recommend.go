// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import "fmt"

// policy is what a recommendation starts from.
type policy struct {
	// floor is what it is never below, beside what was measured.
	floor Resources
	// start is what it is never below where little was measured.
	start Resources
	// startOf names the source of start, in words.
	startOf string
	// always tells that start counts however much was measured.
	always bool
	// soft tells that GOMEMLIMIT goes with the memory limit.
	soft bool
}

// without tells that there is no number for a setting: then none is recommended.
func (p policy) without(s Setting) bool { return p.always && p.start.Of(s) == 0 }

var sidecarPolicy = policy{floor: Floor, start: StartingPoint, startOf: "the guidelines' numbers", soft: true}

// Recommend says what a workload's sidecars should get.
func Recommend(w Workload) Recommendation { return recommend(w, sidecarPolicy) }

func recommend(w Workload, p policy) Recommendation {
	r := Recommendation{Workload: w, Use: w.Usage.Use()}
	u := w.Usage
	if u == nil {
		u = NewUsage(Span{})
	}
	var d demand
	cpuShort := r.demandCPU(&d, u, p)
	memoryShort := r.demandMemory(&d, u, p)
	r.judge(u, cpuShort, memoryShort)
	f := fit(d, w.Bounds)
	r.need = d.need
	r.Reasons = append(r.Reasons, f.reasons...)
	if f.refused != "" {
		r.Withheld = f.refused
		return r
	}
	r.Resources = resourcesOf(f.amounts)
	if p.soft {
		r.softLimit(u)
	}
	return r
}

// demandCPU works out what CPU is wanted.
func (r *Recommendation) demandCPU(d *demand, u *Usage, p policy) (short string) {
	c, short := u.cpu.confidence()
	p95 := millicores(u.cpu.percentile(CPURequestPercentile))
	peak := millicores(u.cpu.max)
	need := peak
	var kept int64
	if limit, pods, all := u.throttledAt(); pods > 0 && !p.without(CPULimit) {
		need = max(need, int64(limit))
		r.say("CPU limit: %s held back in %.0f %% of the time or more, or in %.0f %% for %s, %s: the need is not known, and the limit is at least %d %% above that",
			were(pods, "Pod"), 100*ThrottledShare, 100*ThrottledWhile, inWords(ThrottledFor), atLimit(CPULimit, int64(limit)), cpuLimitHeadroom)
		if !all {
			kept = int64(r.Workload.Current.CPULimit)
		}
	}
	request, limit := CPURequest.roundUp(plus(p95, cpuRequestHeadroom)), CPULimit.roundUp(plus(need, cpuLimitHeadroom))
	limit = r.keep(CPULimit, limit, kept)
	d.set(CPURequest, max(p95, int64(p.floor.CPURequest)), request)
	d.set(CPULimit, max(need, int64(p.floor.CPULimit)), limit)
	if u.cpu.readings > 0 {
		r.say("CPU request: %d %% of %s of %s are at most %s; %d %% on top, rounded up, are %s", CPURequestPercentile/10,
			count(u.cpu.readings, "reading"), count(u.Pods(), "Pod"), CPU(p95), cpuRequestHeadroom, CPU(request))
		if !p.without(CPULimit) {
			r.say("CPU limit: the highest reading is %s; %d %% on top, rounded up, are %s", CPU(peak), cpuLimitHeadroom, CPU(CPULimit.roundUp(plus(peak, cpuLimitHeadroom))))
		}
	}
	if u.startUp > 0 {
		r.say("%s of CPU, up to %s, belong to the first %s of containers and do not decide",
			count(u.startUp, "reading"), CPU(millicores(u.startUpMax)), inWords(StartUp))
	}
	r.Confidence = c
	r.start(d, "CPU", p, short, c == Low || p.always, CPURequest, CPULimit)
	if least := int64(p.start.CPULimit); d.wanted[CPULimit] < least {
		d.wanted[CPULimit] = least
		r.say("CPU limit: not below %s, %s: readings are means of minutes, and a limit sets nothing aside", CPU(least), p.startOf)
	}
	r.unseen(d, &u.cpu, u, p, CPURequest, CPULimit)
	r.floors(d, p, CPURequest)
	d.drop(p, CPULimit)
	return short
}

// demandMemory works out what memory is wanted.
func (r *Recommendation) demandMemory(d *demand, u *Usage, p policy) (short string) {
	c, short := u.memory.confidence()
	p98 := wholeBytes(u.memory.percentile(MemoryRequestPercentile))
	peak := wholeBytes(u.memory.max)
	need, wanted := peak, plus(peak, memoryLimitHeadroom)
	var kept int64
	if limit, kills, all := u.killedAt(); kills > 0 {
		least := max(peak, int64(limit))
		need = least + 1 // it has to be above that
		wanted = max(wanted, plus(least, memoryLimitHeadroom), least+int64(killedHeadroom))
		r.killed(kills, limit, p)
		if !all && !p.without(MemoryLimit) {
			kept = int64(r.Workload.Current.MemoryLimit)
		}
	}
	request, limit := MemoryRequest.roundUp(plus(p98, memoryRequestHeadroom)), MemoryLimit.roundUp(wanted)
	limit = r.keep(MemoryLimit, limit, kept)
	d.set(MemoryRequest, max(p98, int64(p.floor.MemoryRequest)), request)
	d.set(MemoryLimit, max(need, int64(p.floor.MemoryLimit)), limit)
	if u.memory.readings > 0 {
		r.say("memory request: %d %% of %s of %s are at most %s; %d %% on top, rounded up, are %s", MemoryRequestPercentile/10,
			count(u.memory.readings, "reading"), count(u.Pods(), "Pod"), Memory(p98).Rounded(), memoryRequestHeadroom, Memory(request))
		if !p.without(MemoryLimit) {
			r.say("memory limit: the highest reading is %s; %d %% on top, rounded up, are %s", Memory(peak).Rounded(), memoryLimitHeadroom,
				Memory(MemoryLimit.roundUp(plus(peak, memoryLimitHeadroom))))
		}
	}
	r.Confidence = min(r.Confidence, c)
	r.start(d, "memory", p, short, c == Low || p.always, MemoryRequest, MemoryLimit)
	r.unseen(d, &u.memory, u, p, MemoryRequest, MemoryLimit)
	r.floors(d, p, MemoryRequest, MemoryLimit)
	d.drop(p, MemoryLimit)
	return short
}

// keep does not lower a limit that may be the one that was too low: at which one it
// happened is not known of every Pod that is gone. kept is 0 where that is no question.
func (r *Recommendation) keep(s Setting, wanted, kept int64) int64 {
	if kept <= wanted {
		return wanted
	}
	r.say("%s: not lowered from %s, since the limit of that time is not known of all", s, s.Shown(kept))
	return kept
}

// unseen lowers no setting of a resource of which there is no reading, where there are
// readings of the other one, or kills: what somebody has set is not replaced without
// having seen anything.
func (r *Recommendation) unseen(d *demand, m *metric, u *Usage, p policy, of ...Setting) {
	if m.readings > 0 || u.Pods() == 0 {
		return
	}
	for _, s := range of {
		if now := r.Workload.Current.Of(s); now > d.wanted[s] && !p.without(s) {
			d.wanted[s] = now
			r.say("%s: not lowered from %s, since nothing was seen of it", s, s.Shown(now))
		}
	}
}

func (d *demand) set(s Setting, need, wanted int64) {
	d.need[s], d.wanted[s] = need, max(need, wanted)
}

// killed says what follows from containers that were killed for want of memory.
func (r *Recommendation) killed(kills int, limit Memory, p policy) {
	happened := fmt.Sprintf("containers were killed for want of memory, %s, %s", times(kills), atLimit(MemoryLimit, int64(limit)))
	if p.without(MemoryLimit) {
		r.say("%s: no limit is recommended here", happened)
		return
	}
	r.say("memory limit: %s: the peak is not known, and the limit is raised by %d %% of that, at least by %s",
		happened, memoryLimitHeadroom, killedHeadroom)
}

// floors says which settings are at their floor.
func (r *Recommendation) floors(d *demand, p policy, of ...Setting) {
	for _, s := range of {
		if floor := p.floor.Of(s); floor > 0 && d.wanted[s] == floor {
			r.say("%s: not below %s", s, s.Shown(floor))
		}
	}
}

// drop takes away a limit for which there is no number.
func (d *demand) drop(p policy, s Setting) {
	if p.without(s) {
		d.set(s, 0, 0)
	}
}

// start raises what is wanted to the numbers to start with, where these count.
func (r *Recommendation) start(d *demand, what string, p policy, short string, counts bool, request, limit Setting) {
	if !counts {
		return
	}
	raised := ""
	for _, s := range []Setting{request, limit} {
		if start := p.start.Of(s); d.wanted[s] <= start {
			d.wanted[s] = start
		} else if start > 0 {
			raised = ", raised to what was seen"
		}
	}
	if p.always {
		r.say("%s: %s%s", what, p.startOf, raised)
		return
	}
	r.say("%s: %s: %s%s", what, short, p.startOf, raised)
}

// judge says what confidence is short of, and takes high confidence away where the need
// itself is not known.
func (r *Recommendation) judge(u *Usage, shorts ...string) {
	leaking := u.leaking()
	if leaking > 0 {
		r.say("the memory of %s rose every day for the last %d: it may leak, and no limit will do for good", count(leaking, "Pod"), leakDays)
	}
	if late := u.silence(); late > leastSpan {
		r.say("the last reading is %s old", inWords(late))
	}
	if u.unusable > 0 {
		r.say("%s left out: no numbers that a container can use", were(u.unusable, "reading"))
	}
	if r.Confidence == Medium && shorts[0] != "" {
		r.say("confidence is not high: %s", shorts[0])
	} else if r.Confidence == Medium {
		r.say("confidence is not high: %s", shorts[1])
	}
	if _, throttled, _ := u.throttledAt(); r.Confidence == High && (leaking+throttled+u.Kills() > 0) {
		r.Confidence = Medium
		r.say("confidence is not high: what it needs was not seen")
	}
}

// softLimit sets GOMEMLIMIT, and says when it is under the peak.
func (r *Recommendation) softLimit(u *Usage) {
	r.Resources.SoftLimit = SoftLimitOf(r.Resources.MemoryLimit)
	r.say("GOMEMLIMIT: %d %% of the memory limit are %s", SoftLimitPercent, r.Resources.GoMemoryLimit())
	if peak := Memory(wholeBytes(u.memory.max)); peak > r.Resources.SoftLimit {
		r.say("the highest reading of memory is above GOMEMLIMIT: the garbage collector works harder there")
	}
}

func (r *Recommendation) say(format string, args ...any) {
	r.Reasons = append(r.Reasons, fmt.Sprintf(format, args...))
}
