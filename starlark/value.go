package starlark

import (
	"fmt"

	"go.starlark.net/starlark"
)

// fromGo returns a script's value for a Go value.
func fromGo(v any) (starlark.Value, error) {
	switch v := v.(type) {
	case nil:
		return starlark.None, nil
	case bool:
		return starlark.Bool(v), nil
	case int:
		return starlark.MakeInt(v), nil
	case int32:
		return starlark.MakeInt64(int64(v)), nil
	case int64:
		return starlark.MakeInt64(v), nil
	case uint64:
		return starlark.MakeUint64(v), nil
	case string:
		return starlark.String(v), nil
	case []byte:
		return starlark.Bytes(v), nil
	case fmt.Stringer:
		return starlark.String(v.String()), nil
	}
	return nil, fmt.Errorf("no value of the script language for a %T", v)
}
