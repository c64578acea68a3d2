// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

const (
	day = 24 * time.Hour
	// soon and near are how long before its end a certificate is an error, and a
	// warning; of one that lives shorter than long, the same parts of its life. So one
	// that is renewed by a machine after two thirds of 90 days is fine until then.
	soon = 30 * day
	near = 90 * day
	long = 270 * day
)

// shortened is how long before its end a certificate is too near it.
func shortened(limit time.Duration, c *x509.Certificate) time.Duration {
	if life := c.NotAfter.Sub(c.NotBefore); life < long {
		return life / (long / limit)
	}
	return limit
}

// nameOf is what a certificate calls itself.
func nameOf(c *x509.Certificate) string {
	if name := c.Subject.String(); name != "" {
		return name
	}
	return "serial number " + c.SerialNumber.String()
}

func days(d time.Duration) string {
	switch n := d / day; n {
	case 0:
		return "less than a day"
	case 1:
		return "one day"
	default:
		return fmt.Sprintf("%d days", n)
	}
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// judgeInTime judges one certificate at a time; what is what it is for.
func judgeInTime(what string, c *x509.Certificate, at time.Time) guideline.Result {
	left := c.NotAfter.Sub(at)
	ends := fmt.Sprintf("the %s, %s, ends on %s", what, nameOf(c), date(c.NotAfter))
	switch {
	case at.Before(c.NotBefore):
		return guideline.Fail("the %s, %s, is not valid before %s", what, nameOf(c), date(c.NotBefore)).
			Do("put back the certificates that are valid now, or see whether the clock of whoever made them is right")
	case left < 0:
		return guideline.Fail("the %s, %s, expired on %s: no sidecar gets an identity", what, nameOf(c), date(c.NotAfter))
	case left < shortened(soon, c):
		return guideline.Fail("%s, in %s", ends, days(left))
	case left < shortened(near, c):
		return guideline.Fail("%s, in %s", ends, days(left)).As(guideline.Warning)
	default:
		return guideline.Pass("%s", ends)
	}
}

// rank is how bad a result about time is.
func rank(r guideline.Result) int {
	switch {
	case r.Outcome == guideline.Passed:
		return 0
	case r.Severity == guideline.Warning:
		return 1
	default:
		return 2
	}
}

// judgeRootsInTime judges roots of which only those of the issuer count. Where that
// is not known, only what holds for all of them holds.
func judgeRootsInTime(all, counting []*x509.Certificate, install *guideline.Install) guideline.Result {
	known := len(counting) > 0
	if !known {
		counting = all
	}
	var verdicts []guideline.Result
	for _, c := range counting {
		verdicts = append(verdicts, judgeInTime("root", c, install.Snapshot.TakenAt))
	}
	slices.SortStableFunc(verdicts, func(a, b guideline.Result) int { return rank(a) - rank(b) })
	best, worst := verdicts[0], verdicts[len(verdicts)-1]
	switch {
	case known || rank(best) == rank(worst) || best.Outcome == guideline.Failed:
		return best
	default:
		return guideline.Unknown("of %d roots some are valid and some not for long, and which one signed the issuer was not seen: %s", len(all), worst.Message)
	}
}

// notSelfSigned returns the first root that did not sign itself, or nil.
func notSelfSigned(roots []*x509.Certificate) *x509.Certificate {
	for _, c := range roots {
		if c.CheckSignatureFrom(c) != nil {
			return c
		}
	}
	return nil
}

// rootsOf are the roots that a chain, the issuer first, leads to. It is verified as
// Sentry does (pkg/sentry/server/ca), but whenever it was or will be valid: when it
// ends is another question.
func rootsOf(chain, roots []*x509.Certificate) []*x509.Certificate {
	if len(chain) == 0 {
		return nil
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	var found []*x509.Certificate
	for _, root := range roots {
		pool := x509.NewCertPool()
		pool.AddCert(root)
		if _, err := chain[0].Verify(x509.VerifyOptions{Roots: pool, Intermediates: between, CurrentTime: begin(append(chain[:len(chain):len(chain)], root))}); err == nil {
			found = append(found, root)
		}
	}
	return found
}

// begin is when all of some certificates are valid, if they ever are at once.
func begin(all []*x509.Certificate) time.Time {
	latest := slices.MaxFunc(all, func(a, b *x509.Certificate) int { return a.NotBefore.Compare(b.NotBefore) })
	return latest.NotBefore
}

// inOrder tells whether each certificate of a chain was signed by the next.
func inOrder(chain []*x509.Certificate) bool {
	for i := 1; i < len(chain); i++ {
		if chain[i-1].CheckSignatureFrom(chain[i]) != nil {
			return false
		}
	}
	return true
}
