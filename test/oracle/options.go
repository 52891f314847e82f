package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
	apicapspb "github.com/moby/buildkit/util/apicaps/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// int64Arg reads a number written as a string: JSON's numbers end at 2^53 in JavaScript.
func int64Arg(o option, i int) int64 {
	n, err := strconv.ParseInt(arg[string](o, i), 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func uint64Arg(o option, i int) uint64 {
	n, err := strconv.ParseUint(arg[string](o, i), 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func ipArg(o option, i int) net.IP { return net.ParseIP(arg[string](o, i)) }

func platformArg(o option) *ocispecs.Platform {
	p := arg[struct {
		OS         string   `json:"os"`
		Arch       string   `json:"architecture"`
		Variant    string   `json:"variant"`
		OSVersion  string   `json:"osVersion"`
		OSFeatures []string `json:"osFeatures"`
	}](o, 0)
	return &ocispecs.Platform{OS: p.OS, Architecture: p.Arch, Variant: p.Variant, OSVersion: p.OSVersion, OSFeatures: p.OSFeatures}
}

func (b *builder) constraints(opts []option) []llb.ConstraintsOpt {
	out := make([]llb.ConstraintsOpt, len(opts))
	for i, o := range opts {
		out[i] = b.constraint(o)
	}
	return out
}

func (b *builder) constraint(o option) llb.ConstraintsOpt {
	if c := b.tryConstraint(o); c != nil {
		return c
	}
	panic(fmt.Sprintf("no constraint %q", o.name()))
}

func (b *builder) tryConstraint(o option) llb.ConstraintsOpt {
	switch o.name() {
	case "platform":
		return llb.Platform(*platformArg(o))
	case "linuxAmd64":
		return llb.LinuxAmd64
	case "linuxArm":
		return llb.LinuxArm
	case "linuxArmhf":
		return llb.LinuxArmhf
	case "linuxArmel":
		return llb.LinuxArmel
	case "linuxArm64":
		return llb.LinuxArm64
	case "linuxS390x":
		return llb.LinuxS390x
	case "linuxPpc64":
		return llb.LinuxPpc64
	case "linuxPpc64le":
		return llb.LinuxPpc64le
	case "linuxRiscv64":
		return llb.LinuxRiscv64
	case "darwin":
		return llb.Darwin
	case "windows":
		return llb.Windows
	case "require":
		return llb.Require(arg[[]string](o, 0)...)
	case "localUniqueID":
		return llb.LocalUniqueID(arg[string](o, 0))
	case "ignoreCache":
		return llb.IgnoreCache
	case "withDescription":
		return llb.WithDescription(arg[map[string]string](o, 0))
	case "withCustomName":
		return llb.WithCustomName(arg[string](o, 0))
	case "withExportCache":
		return llb.WithExportCache()
	case "withoutExportCache":
		return llb.WithoutExportCache()
	case "withoutDefaultExportCache":
		return llb.WithoutDefaultExportCache()
	case "progressGroup":
		return llb.ProgressGroup(arg[string](o, 0), arg[string](o, 1), arg[bool](o, 2))
	case "withLinuxResources":
		r := arg[map[string]string](o, 0)
		num := func(k string) int64 { n, _ := strconv.ParseInt(r[k], 10, 64); return n }
		unum := func(k string) uint64 { n, _ := strconv.ParseUint(r[k], 10, 64); return n }
		return llb.WithLinuxResources(llb.LinuxResources{
			Memory: num("memory"), MemorySwap: num("memorySwap"), CPUShares: unum("cpuShares"), CPUPeriod: unum("cpuPeriod"),
			CPUQuota: num("cpuQuota"), CpusetCpus: r["cpusetCpus"], CpusetMems: r["cpusetMems"],
		})
	case "memoryLimit":
		return llb.MemoryLimit(int64Arg(o, 0))
	case "memorySwapLimit":
		return llb.MemorySwapLimit(int64Arg(o, 0))
	case "cpuShares":
		return llb.CPUShares(uint64Arg(o, 0))
	case "cpuPeriod":
		return llb.CPUPeriod(uint64Arg(o, 0))
	case "cpuQuota":
		return llb.CPUQuota(int64Arg(o, 0))
	case "cpusetCpus":
		return llb.CpusetCpus(arg[string](o, 0))
	case "cpusetMems":
		return llb.CpusetMems(arg[string](o, 0))
	case "location":
		return b.sourceMap(arg[int](o, 0)).Location(ranges(o))
	case "withCaps":
		return llb.WithCaps(capSet(arg[[]string](o, 0)))
	}
	return nil
}

func ranges(o option) []*pb.Range {
	var out []*pb.Range
	for _, r := range arg[[][4]int32](o, 1) {
		out = append(out, &pb.Range{
			Start: &pb.Position{Line: r[0], Character: r[1]},
			End:   &pb.Position{Line: r[2], Character: r[3]},
		})
	}
	return out
}

func capSet(ids []string) apicaps.CapSet {
	list := make([]*apicapspb.APICap, len(ids))
	for i, id := range ids {
		list[i] = &apicapspb.APICap{ID: id, Enabled: true}
	}
	return pb.Caps.CapSet(list)
}

func stateOption(o option) llb.StateOption {
	switch o.name() {
	case "addEnv":
		return llb.AddEnv(arg[string](o, 0), arg[string](o, 1))
	case "dir":
		return llb.Dir(arg[string](o, 0))
	case "user":
		return llb.User(arg[string](o, 0))
	case "hostname":
		return llb.Hostname(arg[string](o, 0))
	case "network":
		return llb.Network(pb.NetMode(arg[int32](o, 0)))
	case "security":
		return llb.Security(pb.SecurityMode(arg[int32](o, 0)))
	}
	panic(fmt.Sprintf("no state option %q", o.name()))
}

func (b *builder) runOptions(opts []option) []llb.RunOption {
	var out []llb.RunOption
	for _, o := range opts {
		out = append(out, b.runOption(o))
	}
	return out
}

func (b *builder) runOption(o option) llb.RunOption {
	switch o.name() {
	case "args":
		return llb.Args(arg[[]string](o, 0))
	case "shlex":
		return llb.Shlex(arg[string](o, 0))
	case "validExitCodes":
		// No codes is a call without arguments, not one with an empty list.
		if codes := arg[[]int](o, 0); len(codes) > 0 {
			return llb.ValidExitCodes(codes...)
		}
		return llb.ValidExitCodes()
	case "addExtraHost":
		return llb.AddExtraHost(arg[string](o, 0), ipArg(o, 1))
	case "addUlimit":
		return llb.AddUlimit(llb.UlimitName(arg[string](o, 0)), int64Arg(o, 1), int64Arg(o, 2))
	case "withCgroupParent":
		return llb.WithCgroupParent(arg[string](o, 0))
	case "readonlyRootFS":
		return llb.ReadonlyRootFS()
	case "withProxy":
		p := arg[map[string]string](o, 0)
		return llb.WithProxy(llb.ProxyEnv{HTTPProxy: p["httpProxy"], HTTPSProxy: p["httpsProxy"], FTPProxy: p["ftpProxy"], NoProxy: p["noProxy"], AllProxy: p["allProxy"]})
	case "addMount":
		return llb.AddMount(arg[string](o, 0), b.state(arg[int](o, 1)), mountOptions(arg[[]option](o, 2))...)
	case "addSecret":
		return llb.AddSecret(arg[string](o, 0), secretOptions(arg[[]option](o, 1))...)
	case "addSecretWithDest":
		return llb.AddSecretWithDest(arg[string](o, 0), arg[*string](o, 1), secretOptions(arg[[]option](o, 2))...)
	case "addSSHSocket":
		return llb.AddSSHSocket(sshOptions(arg[[]option](o, 0))...)
	case "addCDIDevice":
		var opts []llb.CDIDeviceOption
		for _, d := range arg[[]option](o, 0) {
			if d.name() == "cdiDeviceName" {
				opts = append(opts, llb.CDIDeviceName(arg[string](d, 0)))
			} else {
				opts = append(opts, llb.CDIDeviceOptional)
			}
		}
		return llb.AddCDIDevice(opts...)
	case "addEnv", "dir", "user", "hostname", "network", "security":
		return stateOption(o)
	case "reset":
		return llb.Reset(b.state(arg[int](o, 0)))
	}
	return b.constraint(o)
}

func mountOptions(opts []option) []llb.MountOption {
	var out []llb.MountOption
	for _, o := range opts {
		switch o.name() {
		case "readonly":
			out = append(out, llb.Readonly)
		case "sourcePath":
			out = append(out, llb.SourcePath(arg[string](o, 0)))
		case "forceNoOutput":
			out = append(out, llb.ForceNoOutput)
		case "asPersistentCacheDir":
			out = append(out, llb.AsPersistentCacheDir(arg[string](o, 0), llb.CacheMountSharingMode(arg[int](o, 1))))
		case "contentCache":
			out = append(out, llb.ContentCache(llb.MountContentCache(arg[int](o, 0))))
		case "tmpfs":
			var t []llb.TmpfsOption
			if len(o) > 1 {
				t = append(t, llb.TmpfsSize(int64Arg(o, 0)))
			}
			out = append(out, llb.Tmpfs(t...))
		default:
			panic(fmt.Sprintf("no mount option %q", o.name()))
		}
	}
	return out
}

func secretOptions(opts []option) []llb.SecretOption {
	var out []llb.SecretOption
	for _, o := range opts {
		switch o.name() {
		case "secretID":
			out = append(out, llb.SecretID(arg[string](o, 0)))
		case "secretOptional":
			out = append(out, llb.SecretOptional)
		case "secretFileOpt":
			out = append(out, llb.SecretFileOpt(arg[int](o, 0), arg[int](o, 1), arg[int](o, 2)))
		case "secretAsEnv":
			out = append(out, llb.SecretAsEnv(arg[bool](o, 0)))
		case "secretAsEnvName":
			out = append(out, llb.SecretAsEnvName(arg[string](o, 0)))
		default:
			panic(fmt.Sprintf("no secret option %q", o.name()))
		}
	}
	return out
}

func sshOptions(opts []option) []llb.SSHOption {
	var out []llb.SSHOption
	for _, o := range opts {
		switch o.name() {
		case "sshID":
			out = append(out, llb.SSHID(arg[string](o, 0)))
		case "sshSocketTarget":
			out = append(out, llb.SSHSocketTarget(arg[string](o, 0)))
		case "sshSocketOpt":
			out = append(out, llb.SSHSocketOpt(arg[string](o, 0), arg[int](o, 1), arg[int](o, 2), arg[int](o, 3)))
		case "sshOptional":
			out = append(out, llb.SSHOptional)
		default:
			panic(fmt.Sprintf("no ssh option %q", o.name()))
		}
	}
	return out
}

func (b *builder) imageOptions(opts []option) []llb.ImageOption {
	var out []llb.ImageOption
	for _, o := range opts {
		switch o.name() {
		case "resolveModeDefault":
			out = append(out, llb.ResolveModeDefault)
		case "resolveModeForcePull":
			out = append(out, llb.ResolveModeForcePull)
		case "resolveModePreferLocal":
			out = append(out, llb.ResolveModePreferLocal)
		case "markImageInternal":
			out = append(out, llb.MarkImageInternal)
		case "withLayerLimit":
			out = append(out, llb.WithLayerLimit(arg[int](o, 0)))
		case "withImageChecksum":
			out = append(out, llb.WithImageChecksum(digest.Digest(arg[string](o, 0))))
		default:
			out = append(out, b.constraint(o))
		}
	}
	return out
}

func fileInfoOption(o option) llb.FileInfoOption {
	switch o.name() {
	case "filename":
		return llb.Filename(arg[string](o, 0))
	case "chmod":
		return llb.Chmod(os.FileMode(arg[uint32](o, 0)))
	case "chown":
		return llb.Chown(arg[int](o, 0), arg[int](o, 1))
	}
	return nil
}

func (b *builder) blobOptions(opts []option) []llb.ImageBlobOption {
	var out []llb.ImageBlobOption
	for _, o := range opts {
		if f := fileInfoOption(o); f != nil {
			out = append(out, f)
		} else if o.name() == "imageBlobOCIStore" {
			out = append(out, llb.ImageBlobOCIStore(arg[string](o, 0), arg[string](o, 1)))
		} else {
			out = append(out, b.constraint(o))
		}
	}
	return out
}

func (b *builder) httpOptions(opts []option) []llb.HTTPOption {
	var out []llb.HTTPOption
	for _, o := range opts {
		if f := fileInfoOption(o); f != nil {
			out = append(out, f)
			continue
		}
		switch o.name() {
		case "checksum":
			out = append(out, llb.Checksum(digest.Digest(arg[string](o, 0))))
		case "authHeaderSecret":
			out = append(out, llb.AuthHeaderSecret(arg[string](o, 0)))
		case "header":
			h := arg[map[string]string](o, 0)
			out = append(out, llb.Header(llb.HTTPHeader{Accept: h["accept"], UserAgent: h["userAgent"]}))
		case "verifyPGPSignature":
			out = append(out, llb.VerifyPGPSignature(llb.HTTPSignatureInfo{PubKey: []byte(arg[string](o, 0)), Signature: []byte(arg[string](o, 1))}))
		default:
			out = append(out, b.constraint(o))
		}
	}
	return out
}

func (b *builder) ociOptions(opts []option) []llb.OCILayoutOption {
	var out []llb.OCILayoutOption
	for _, o := range opts {
		switch o.name() {
		case "ociStore":
			out = append(out, llb.OCIStore(arg[string](o, 0), arg[string](o, 1)))
		case "ociLayerLimit":
			out = append(out, llb.OCILayerLimit(arg[int](o, 0)))
		default:
			out = append(out, b.constraint(o))
		}
	}
	return out
}

func (b *builder) localOptions(opts []option) []llb.LocalOption {
	var out []llb.LocalOption
	for _, o := range opts {
		switch o.name() {
		case "sessionID":
			out = append(out, llb.SessionID(arg[string](o, 0)))
		case "includePatterns":
			out = append(out, llb.IncludePatterns(arg[[]string](o, 0)))
		case "excludePatterns":
			out = append(out, llb.ExcludePatterns(arg[[]string](o, 0)))
		case "followPaths":
			out = append(out, llb.FollowPaths(arg[[]string](o, 0)))
		case "sharedKeyHint":
			out = append(out, llb.SharedKeyHint(arg[string](o, 0)))
		case "differ":
			out = append(out, llb.Differ(llb.DiffType(arg[string](o, 0)), arg[bool](o, 1)))
		case "metadataOnlyTransfer":
			out = append(out, llb.MetadataOnlyTransfer(arg[[]string](o, 0)))
		default:
			out = append(out, b.constraint(o))
		}
	}
	return out
}

func (b *builder) gitOptions(opts []option) []llb.GitOption {
	var out []llb.GitOption
	for _, o := range opts {
		switch o.name() {
		case "gitRef":
			out = append(out, llb.GitRef(arg[string](o, 0)))
		case "gitSubDir":
			out = append(out, llb.GitSubDir(arg[string](o, 0)))
		case "keepGitDir":
			out = append(out, llb.KeepGitDir())
		case "authTokenSecret":
			out = append(out, llb.AuthTokenSecret(arg[string](o, 0)))
		case "authHeaderSecret":
			out = append(out, llb.AuthHeaderSecret(arg[string](o, 0)))
		case "knownSSHHosts":
			out = append(out, llb.KnownSSHHosts(arg[string](o, 0)))
		case "mountSSHSock":
			out = append(out, llb.MountSSHSock(arg[string](o, 0)))
		case "gitChecksum":
			out = append(out, llb.GitChecksum(arg[string](o, 0)))
		case "gitSkipSubmodules":
			out = append(out, llb.GitSkipSubmodules())
		case "gitMTime":
			out = append(out, llb.GitMTime(arg[string](o, 0)))
		case "gitMTimeCommit":
			out = append(out, llb.GitMTimeCommit())
		case "gitAdvice":
			out = append(out, llb.GitAdvice(arg[bool](o, 0)))
		case "gitFetchByCommit":
			out = append(out, llb.GitFetchByCommit())
		case "gitCheckoutBundle":
			out = append(out, llb.GitCheckoutBundle())
		case "gitBundleURL":
			var bo []llb.GitBundleOption
			if len(o) > 2 {
				bo = append(bo, llb.GitBundleOCIStore(arg[string](o, 1), arg[string](o, 2)))
			}
			out = append(out, llb.GitBundleURL(arg[string](o, 0), bo...))
		default:
			out = append(out, b.constraint(o))
		}
	}
	return out
}

// ------------------------------------------------------------------ file actions

// chain makes one FileAction of a list.
func (b *builder) chain(actions []action) *llb.FileAction {
	var fa *llb.FileAction
	for _, a := range actions {
		switch a.Do {
		case "mkdir":
			info := &llb.MkdirInfo{}
			for _, o := range b.mkdirOptions(a.Options) {
				o.SetMkdirOption(info)
			}
			if fa == nil {
				fa = llb.Mkdir(a.Args[0], os.FileMode(a.Mode), info)
			} else {
				fa = fa.Mkdir(a.Args[0], os.FileMode(a.Mode), info)
			}
		case "mkfile":
			info := &llb.MkfileInfo{}
			for _, o := range a.Options {
				makeOption(o).(llb.MkfileOption).SetMkfileOption(info)
			}
			if fa == nil {
				fa = llb.Mkfile(a.Args[0], os.FileMode(a.Mode), a.Data, info)
			} else {
				fa = fa.Mkfile(a.Args[0], os.FileMode(a.Mode), a.Data, info)
			}
		case "symlink":
			info := &llb.SymlinkInfo{}
			for _, o := range a.Options {
				makeOption(o).(llb.SymlinkOption).SetSymlinkOption(info)
			}
			if fa == nil {
				fa = llb.Symlink(a.Args[0], a.Args[1], info)
			} else {
				fa = fa.Symlink(a.Args[0], a.Args[1], info)
			}
		case "rm":
			var opts []llb.RmOption
			for _, o := range a.Options {
				if o.name() == "withAllowNotFound" {
					opts = append(opts, llb.WithAllowNotFound(arg[bool](o, 0)))
				} else {
					opts = append(opts, llb.WithAllowWildcard(arg[bool](o, 0)))
				}
			}
			if fa == nil {
				fa = llb.Rm(a.Args[0], opts...)
			} else {
				fa = fa.Rm(a.Args[0], opts...)
			}
		case "copy":
			opts := copyOptions(a.Options)
			input := b.values[a.From].input
			if input == nil {
				input = b.state(a.From)
			}
			if fa == nil {
				fa = llb.Copy(input, a.Args[0], a.Args[1], opts...)
			} else {
				fa = fa.Copy(input, a.Args[0], a.Args[1], opts...)
			}
		default:
			panic(fmt.Sprintf("no action %q", a.Do))
		}
	}
	return fa
}

func (b *builder) mkdirOptions(opts []option) []llb.MkdirOption {
	var out []llb.MkdirOption
	for _, o := range opts {
		if o.name() == "withParents" {
			out = append(out, llb.WithParents(arg[bool](o, 0)))
		} else {
			out = append(out, makeOption(o).(llb.MkdirOption))
		}
	}
	return out
}

// makeOption is an option for the owner or the time, which fits every action that makes something.
func makeOption(o option) any {
	switch o.name() {
	case "withUser":
		return llb.WithUser(arg[string](o, 0))
	case "withUIDGID":
		return llb.WithUIDGID(arg[int](o, 0), arg[int](o, 1))
	case "withCreatedTime":
		ns := int64Arg(o, 0)
		return llb.WithCreatedTime(time.Unix(0, ns))
	}
	panic(fmt.Sprintf("no file option %q", o.name()))
}

func copyOptions(opts []option) []llb.CopyOption {
	var out []llb.CopyOption
	for _, o := range opts {
		switch o.name() {
		case "withExcludePatterns":
			out = append(out, llb.WithExcludePatterns(arg[[]string](o, 0)))
		case "chmodOpt":
			m := arg[struct {
				Mode    uint32 `json:"mode"`
				ModeStr string `json:"modeStr"`
			}](o, 0)
			out = append(out, llb.ChmodOpt{Mode: os.FileMode(m.Mode), ModeStr: m.ModeStr})
		case "copyInfo":
			c := arg[struct {
				FollowSymlinks, CopyDirContentsOnly, AttemptUnpack, CreateDestPath, AllowWildcard, AllowEmptyWildcard, AlwaysReplaceExistingDestPaths bool
				IncludePatterns, ExcludePatterns, RequiredPaths                                                                                       []string
			}](o, 0)
			out = append(out, &llb.CopyInfo{
				FollowSymlinks: c.FollowSymlinks, CopyDirContentsOnly: c.CopyDirContentsOnly, AttemptUnpack: c.AttemptUnpack,
				CreateDestPath: c.CreateDestPath, AllowWildcard: c.AllowWildcard, AllowEmptyWildcard: c.AllowEmptyWildcard,
				AlwaysReplaceExistingDestPaths: c.AlwaysReplaceExistingDestPaths, IncludePatterns: c.IncludePatterns,
				ExcludePatterns: c.ExcludePatterns, RequiredPaths: c.RequiredPaths,
			})
		default:
			out = append(out, makeOption(o).(llb.CopyOption))
		}
	}
	return out
}
