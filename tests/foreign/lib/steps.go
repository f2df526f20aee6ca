// For the Go programs of clients: prints steps as lines of JSON.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"runtime/debug"
	"time"
)

func say(said map[string]any) {
	line, err := json.Marshal(said)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(os.Stdout, string(line))
}

// sayVersion tells the version of the module that the program was built with.
func sayVersion(module string) {
	info, _ := debug.ReadBuildInfo()
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			say(map[string]any{"version": dependency.Version[1:]})
		}
	}
}

func step(name string, run func() (any, error)) {
	value, err := run()
	if err != nil {
		value = outcomeOf(err)
	}
	say(map[string]any{"step": name, "value": plain(value)})
}

// plain is the value as JSON can hold it.
func plain(value any) any {
	switch v := value.(type) {
	case nil, string, bool, int, int16, int32, int64, uint32, json.RawMessage:
		return v
	case []byte:
		return "\\x" + hex.EncodeToString(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case float32:
		return plain(float64(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
		return v
	case fmt.Stringer:
		return v.String()
	}
	of := reflect.ValueOf(value)
	switch of.Kind() {
	case reflect.Slice, reflect.Array:
		made := make([]any, of.Len())
		for i := range made {
			made[i] = plain(of.Index(i).Interface())
		}
		return made
	case reflect.Map:
		made := map[string]any{}
		for _, key := range of.MapKeys() {
			made[fmt.Sprint(key.Interface())] = plain(of.MapIndex(key).Interface())
		}
		return made
	}
	return fmt.Sprintf("%+v", value)
}
