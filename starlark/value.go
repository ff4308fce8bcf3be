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

// toGo returns a Go value for a script's value: a bool, an int64, a string or bytes.
func toGo(v starlark.Value) (any, error) {
	switch v := v.(type) {
	case starlark.Bool:
		return bool(v), nil
	case starlark.Int:
		n, ok := v.Int64()
		if !ok {
			return nil, fmt.Errorf("%s is out of range", v)
		}
		return n, nil
	case starlark.String:
		return string(v), nil
	case starlark.Bytes:
		return []byte(v), nil
	}
	return nil, fmt.Errorf("got %s where a bool, an int, a string or bytes are wanted", v.Type())
}
