// lib/pq by database/sql: both protocols, binary parameters, arrays, transactions, COPY, contexts that end, settings, LISTEN.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/lib/pq"
)

const (
	tame    = "select * from kinds where id < %s order by id"
	rows    = "select site, device, ts, temp, price, note from readings order by site, device, ts"
	endless = "select count(*) from readings a, readings b, readings c, readings d where a.temp + b.temp + c.temp + d.temp > 1e9"
)

var (
	ctx = context.Background()
	url = "postgres:" + os.Getenv("CLIENT_URL") + "?sslmode=disable"
)

func outcomeOf(err error) any {
	var server *pq.Error
	if errors.As(err, &server) {
		return map[string]any{"severity": server.Severity, "code": string(server.Code), "name": server.Code.Name(), "message": server.Message, "position": server.Position}
	}
	return map[string]any{"error": strings.Split(err.Error(), "\n")[0]}
}

func open(more string) *sql.DB {
	db, err := sql.Open("postgres", url+more)
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

type querier interface {
	QueryContext(ctx context.Context, text string, arguments ...any) (*sql.Rows, error)
}

func all(on querier, text string, arguments ...any) (any, error) {
	found, err := on.QueryContext(ctx, text, arguments...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	return read(found)
}

func read(found *sql.Rows) (any, error) {
	got := [][]any{}
	for {
		names, err := found.Columns()
		if err != nil {
			return nil, err
		}
		for found.Next() {
			values, into := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			if err := found.Scan(into...); err != nil {
				return nil, err
			}
			for i, value := range values {
				if text, is := value.([]byte); is {
					values[i] = fmt.Sprintf("%q", text)
				}
			}
			got = append(got, values)
		}
		if !found.NextResultSet() {
			return got, found.Err()
		}
	}
}

func ask(db querier, name, text string, arguments ...any) {
	step(name, func() (any, error) { return all(db, text, arguments...) })
}

func values(db *sql.DB) {
	for name, more := range map[string]string{"text": "", "binary parameters": "&binary_parameters=yes"} {
		other := open(more)
		ask(other, "every type, "+name, fmt.Sprintf(tame, "$1"), 32)
		for _, one := range []struct {
			as    string
			value any
		}{
			{"boolean", true}, {"bigint", int64(-1 << 62)}, {"double precision", 0.1}, {"numeric", "123456789.50"}, {"text", "é'東\\"},
			{"bytea", []byte{0, 255}}, {"date", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
			{"timestamptz", time.Date(2024, 3, 31, 2, 30, 0, 1000, time.UTC)}, {"interval", "1 mon -2 days"},
			{"uuid", "00000000-0000-0000-0000-000000000005"}, {"jsonb", `{"a": [1, null]}`}, {"integer[]", pq.Array([]int64{1, 2, 3})},
			{"text[]", pq.Array([]string{"a", `b"c`, ""})}, {"integer", nil},
		} {
			ask(other, fmt.Sprintf("%s %v, %s", one.as, plain(one.value), name), "select $1::"+one.as, one.value)
		}
		ask(other, "any, "+name, "select device, count(*) from readings where device = any($1) group by 1 order by 1", pq.Array([]int64{1, 3}))
		other.Close()
	}
	ask(db, "every type, simple protocol", fmt.Sprintf(tame, "32"))
	ask(db, "several results", "select 1; select 'x', 2; set TimeZone = 'UTC'")
	ask(db, "odd names", `select * from plant."Odd names" order by 1`)
	step("column types", func() (any, error) {
		found, err := db.Query("select * from kinds limit 0")
		if err != nil {
			return nil, err
		}
		defer found.Close()
		kinds, err := found.ColumnTypes()
		var got []any
		for _, kind := range kinds {
			length, variable := kind.Length()
			precision, scale, decimal := kind.DecimalSize()
			got = append(got, []any{kind.Name(), kind.DatabaseTypeName(), kind.ScanType().String(), length, variable, precision, scale, decimal})
		}
		return got, err
	})
	step("prepared", func() (any, error) {
		statement, err := db.Prepare("select count(*), max(ts) from readings where device = $1")
		if err != nil {
			return nil, err
		}
		defer statement.Close()
		var got []any
		for device := range 7 {
			found, err := statement.Query(device)
			if err != nil {
				return nil, err
			}
			values, err := read(found)
			if err != nil {
				return nil, err
			}
			got = append(got, values)
		}
		return got, nil
	})
}

func failing(db *sql.DB) {
	for _, text := range []string{
		"select * form readings", "select * from nowhere", "select nothing from readings", "select nothing(1)", "select 'x'::integer",
		"select 1/0", "delete from readings",
	} {
		ask(db, "error: "+text, text)
	}
	ask(db, "bad parameter", "select $1::integer", "x")
	step("transaction", func() (any, error) {
		transaction, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
		if err != nil {
			return nil, err
		}
		var got []any
		for _, text := range []string{"show transaction_isolation", "show transaction_read_only", "select 1/0", "select 2"} {
			found, err := all(transaction, text)
			if err != nil {
				found = outcomeOf(err)
			}
			got = append(got, found)
		}
		return append(got, fmt.Sprint(transaction.Commit())), nil
	})
}

func copies(db *sql.DB) {
	step("copy in", func() (any, error) {
		transaction, err := db.Begin()
		if err != nil {
			return nil, err
		}
		defer transaction.Rollback()
		if _, err := transaction.Exec("create temp table picked (device integer, label text)"); err != nil {
			return nil, err
		}
		statement, err := transaction.Prepare(pq.CopyIn("picked", "device", "label"))
		if err != nil {
			return nil, err
		}
		for device, label := range []any{"one", nil, "a\tb"} {
			if _, err := statement.Exec(device, label); err != nil {
				return nil, err
			}
		}
		result, err := statement.Exec()
		if err != nil {
			return nil, err
		}
		if err := statement.Close(); err != nil {
			return nil, err
		}
		copied, _ := result.RowsAffected()
		found, err := all(transaction, "select label, count(*) from readings join picked using (device) group by 1 order by 1")
		return []any{copied, found}, err
	})
}

func ended(db *sql.DB) {
	step("context that ends", func() (any, error) {
		within, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		_, err := db.ExecContext(within, endless)
		return errors.Is(err, context.DeadlineExceeded), nil
	})
	ask(db, "after the cancel", "select 1")
	step("settings of the connection", func() (any, error) {
		other := open("&statement_timeout=200&application_name=from%20go&search_path=plant&options=-c%20DateStyle%3DISO")
		defer other.Close()
		found, err := all(other, "select current_setting('application_name'), current_setting('search_path'), current_setting('statement_timeout')")
		if err != nil {
			return nil, err
		}
		_, timeout := all(other, endless)
		return []any{found, outcomeOf(timeout)}, nil
	})
	step("TLS refused", func() (any, error) {
		other, _ := sql.Open("postgres", strings.Replace(url, "disable", "require", 1))
		defer other.Close()
		return nil, other.Ping()
	})
	step("no such database", func() (any, error) {
		other, _ := sql.Open("postgres", strings.Replace(url, "/fedgate?", "/nowhere?", 1))
		defer other.Close()
		return nil, other.Ping()
	})
	step("listen", func() (any, error) {
		listener := pq.NewListener(url, time.Second, time.Second, nil)
		defer listener.Close()
		if err := listener.Listen("news"); err != nil {
			return nil, err
		}
		return "listening", listener.Ping()
	})
	step("pool", func() (any, error) {
		pool := open("")
		defer pool.Close()
		pool.SetMaxOpenConns(3)
		got := make([]any, 8)
		done := make(chan error)
		for device := range got {
			go func() {
				var err error
				got[device], err = all(pool, "select count(*) from readings where device = $1", device)
				done <- err
			}()
		}
		for range got {
			if err := <-done; err != nil {
				return nil, err
			}
		}
		return got, nil
	})
}

// What Grafana's PostgreSQL source asks for its query editor and health check.
func catalogs(db *sql.DB) {
	for name, text := range map[string]string{
		"tables": `select case when table_schema = any (current_schemas(false)) then quote_ident(table_name) else quote_ident(table_schema) || '.' || quote_ident(table_name) end as "table"
			from information_schema.tables where table_schema not in ('information_schema', 'pg_catalog') order by 1`,
		"columns": `select quote_ident(column_name) as "column", data_type as "type" from information_schema.columns
			where (table_schema = any (current_schemas(false)) and quote_ident(table_name) = 'readings') order by ordinal_position`,
		"version":    "select current_setting('server_version_num')::int / 100 / 100 as version",
		"extensions": "select extversion from pg_extension where extname = 'timescaledb'",
	} {
		ask(db, "catalog: "+name, text)
	}
}

func main() {
	sayVersion("github.com/lib/pq")
	db := open("")
	values(db)
	failing(db)
	copies(db)
	ended(db)
	catalogs(db)
	db.Close()
}
