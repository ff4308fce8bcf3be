package harness

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The environment variables that the rest of the project needs to know by name.
const (
	VarTarget  = "RUMPSCRIPT_TARGET"
	VarRequire = "RUMPSCRIPT_REQUIRE"
)

// A Variable is an environment variable that stands for what a Config does not say.
type Variable struct {
	Name string
	Doc  string

	set func(cfg *Config, value string) error
}

// Variables returns the variables which the package looks at, in the order of a manual.
func Variables() []Variable {
	return []Variable{
		{VarTarget, "the target", func(cfg *Config, v string) error {
			if cfg.Target.Kind != "" {
				return nil
			}
			t, err := ParseTarget(v)
			cfg.Target = t
			return err
		}},
		{VarRequire, "the kinds of targets, separated by commas, which tests must not skip", nil},
		{"RUMP_SERVER_BIN", "the `rump_server` that `process` starts", text(func(cfg *Config) *string { return &cfg.Server })},
		{"RUMPSCRIPT_COMPONENTS", "what kernels are made of, by the names of `rump_server -l`, separated by commas or spaces", func(cfg *Config, v string) error {
			if cfg.Components == nil {
				cfg.Components = words(v)
			}
			return nil
		}},
		{"RUMPSCRIPT_MEMORY", "a kernel's memory, in MiB", func(cfg *Config, v string) error {
			if cfg.Memory != 0 {
				return nil
			}
			n, err := strconv.ParseUint(v, 10, 32)
			cfg.Memory = int64(n) << 20
			return err
		}},
		{"RUMPSCRIPT_NETWORK", "how `process` and `container` are reached: `unix` or `tcp`", text(func(cfg *Config) *string { return &cfg.Network })},
		{"RUMPSCRIPT_TIMEOUT", "how long a kernel may take until it answers, such as `30s`", func(cfg *Config, v string) error {
			if cfg.Timeout != 0 {
				return nil
			}
			d, err := time.ParseDuration(v)
			if err == nil && d <= 0 {
				err = fmt.Errorf("not a time to wait")
			}
			cfg.Timeout = d
			return err
		}},
		{"RUMPSCRIPT_ARTIFACTS", "the folder in which consoles are kept", text(func(cfg *Config) *string { return &cfg.Dir })},
		{"RUMPSCRIPT_IMAGE", "the image that `container` means if it names none", func(cfg *Config, v string) error {
			if cfg.Target.Kind == KindContainer && cfg.Target.Image == "" {
				cfg.Target.Image = v
			}
			return nil
		}},
		{"DOCKER_HOST", "the Docker engine, as for `docker`; with DOCKER_CERT_PATH the folder of its certificates", nil},
		{"RUMPSCRIPT_PUBLISH", "the engine's address at which a container's port is published (default 127.0.0.1)", text(func(cfg *Config) *string { return &cfg.Publish })},
		{"RUMPSCRIPT_QEMU", "the `qemu-system-x86_64` that `rumprun` starts", text(func(cfg *Config) *string { return &cfg.Rumprun.QEMU })},
		{"RUMPSCRIPT_QEMU_IMAGE", "the image whose QEMU `rumprun` starts instead, in a container", text(func(cfg *Config) *string { return &cfg.Rumprun.QEMUImage })},
		{"RUMPSCRIPT_ACCEL", "`kvm` or `tcg` (emulation); by default KVM where it works", text(func(cfg *Config) *string { return &cfg.Rumprun.Accel })},
		{"RUMPSCRIPT_LAUNCHER", "the command which launches unikernels instead of QEMU, its words separated by spaces", func(cfg *Config, v string) error {
			if cfg.Rumprun.Launcher == nil {
				cfg.Rumprun.Launcher = strings.Fields(v)
			}
			return nil
		}},
		{"RUMPSCRIPT_LAUNCHER_URL", "where a unikernel answers that was launched so (default `tcp://127.0.0.1:{port}`)", text(func(cfg *Config) *string { return &cfg.Rumprun.URL })},
	}
}

// text is for a variable which is the value of a field as it stands.
func text(field func(*Config) *string) func(*Config, string) error {
	return func(cfg *Config, v string) error {
		if p := field(cfg); *p == "" {
			*p = v
		}
		return nil
	}
}

func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// fromEnv sets what is not set as the environment says.
func (cfg *Config) fromEnv() error {
	for _, v := range Variables() {
		value := cfg.Getenv(v.Name)
		if value == "" || v.set == nil {
			continue
		}
		if err := v.set(cfg, value); err != nil {
			return fmt.Errorf("%s=%s: %w", v.Name, value, err)
		}
	}
	return nil
}
